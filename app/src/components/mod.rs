//! Parts of pages: props in, view out. None of them asks the server for anything.

pub mod badges;
pub mod chart_icon;
pub mod chart_row;
pub mod code_view;
pub mod error_section;
pub mod facets;
pub mod footer;
pub mod icon;
pub mod notice;
pub mod page_head;
pub mod pager;
pub mod relative_time;
pub mod repository_state;
pub mod search_field;
pub mod shortcuts;
pub mod snippet;
pub mod theme_switch;
pub mod top_bar;
