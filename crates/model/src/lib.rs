//! Plain data that crosses the wire between server and browser.
