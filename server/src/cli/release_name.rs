//! `--name-template`: a release's name made by a template.

use anyhow::{Result, anyhow};
use engine::value::Value;
use engine::{Options, Renderer, TemplateSet};

use backend::world::World;

/// Renders a name; there is no data to render it from.
pub(super) fn render(template: &str) -> Result<String> {
    const NAME: &str = "name-template";
    let mut set = TemplateSet::new();
    set.add(NAME, template)
        .map_err(|error| anyhow!(error.to_string()))?;
    let world = World::new(false, super::zone::variable());
    let rendered = Renderer::new(&set, &world, Options::default())
        .render(NAME, Value::Nil)
        .map_err(|error| anyhow!(error.to_string()))?;
    Ok(rendered.to_str_lossy().into_owned())
}
