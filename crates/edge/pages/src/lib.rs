//! What every server-rendered page of ours is made with: the frame, cookies, forms.
