//! HTTPS requests that Gatehouse makes itself: where they may go, whom they trust, how much they take.
