//! Addresses of what a page loads; their names carry a hash of the content, so only the server knows them.

/// The files of the browser bundle, as paths below the base path that start with a slash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    pub css: String,
    pub js: String,
    pub wasm: String,
    /// The text face, fetched early: it is on every page.
    pub font: String,
    /// What is loaded when somebody comes to a search field.
    pub suggest: String,
    /// What a place for uploads does with a script; loaded where there is one.
    pub upload: String,
    /// What pages that edit values load besides.
    pub editor: EditorAssets,
}

/// The files of the editor of values, as [`Assets`]; all empty where the site was built without them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditorAssets {
    pub script: String,
    /// The style sheet of what the script makes.
    pub style: String,
    pub worker: String,
    /// The engine: its script, and the module that the script binds.
    pub engine: String,
    pub engine_module: String,
    /// What few charts need, as a second module.
    pub extras: String,
    pub extras_module: String,
}

impl EditorAssets {
    /// Whether everything is there: half an editor is none.
    pub fn is_built(&self) -> bool {
        let files = [
            &self.script,
            &self.style,
            &self.worker,
            &self.engine,
            &self.engine_module,
            &self.extras,
            &self.extras_module,
        ];
        files.into_iter().all(|file| !file.is_empty())
    }
}
