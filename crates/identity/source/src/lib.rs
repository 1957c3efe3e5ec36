//! Identity sources: where people sign in, and how who signed in there is found in the directory.
