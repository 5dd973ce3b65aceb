//! Parts of pages: props in, view out. None of them asks the server for anything.
//!
//! The frame's parts are in the browser's bundle, too; those of pages are the server's alone.

pub(crate) mod account_menu;
pub(crate) mod footer;
pub(crate) mod icon;
pub(crate) mod search_field;
pub(crate) mod shortcuts;
pub(crate) mod theme_switch;
pub(crate) mod top_bar;

#[cfg(feature = "ssr")]
pub(crate) mod badges;
#[cfg(feature = "ssr")]
pub(crate) mod chart_icon;
#[cfg(feature = "ssr")]
pub(crate) mod chart_row;
#[cfg(feature = "ssr")]
pub(crate) mod code_view;
#[cfg(feature = "ssr")]
pub(crate) mod difference;
#[cfg(feature = "ssr")]
pub(crate) mod error_section;
#[cfg(feature = "ssr")]
pub(crate) mod facets;
#[cfg(feature = "ssr")]
pub(crate) mod form;
#[cfg(feature = "ssr")]
pub(crate) mod mark;
#[cfg(feature = "ssr")]
pub(crate) mod notice;
#[cfg(feature = "ssr")]
pub(crate) mod pager;
#[cfg(feature = "ssr")]
pub(crate) mod plan_view;
#[cfg(feature = "ssr")]
pub(crate) mod problem;
#[cfg(feature = "ssr")]
pub(crate) mod relative_time;
#[cfg(feature = "ssr")]
pub(crate) mod repository_state;
#[cfg(feature = "ssr")]
pub(crate) mod resource_tree;
#[cfg(feature = "ssr")]
pub(crate) mod section;
#[cfg(feature = "ssr")]
pub(crate) mod signature;
#[cfg(feature = "ssr")]
pub(crate) mod snippet;
#[cfg(feature = "ssr")]
pub(crate) mod suggestions;
