//! The generated files: written, or compared with what is checked in.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Generated files by their path below the root of the checkout.
#[derive(Debug, Default)]
pub struct Output {
    files: BTreeMap<PathBuf, String>,
    /// Directories that hold generated files only.
    owned: Vec<PathBuf>,
}

impl Output {
    /// Declares a directory to hold generated files only: anything else in it is a difference.
    pub fn own(&mut self, dir: impl Into<PathBuf>) {
        self.owned.push(dir.into());
    }

    /// Adds a file as it is.
    pub fn text(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    /// Adds a file of Rust, formatted.
    pub fn rust(&mut self, path: impl Into<PathBuf>, text: &str) -> Result<()> {
        let path = path.into();
        let text = rustfmt(text).with_context(|| path.display().to_string())?;
        self.files.insert(path, text);
        Ok(())
    }

    /// Writes what differs and removes what is no longer generated. Returns how many files it touched.
    pub fn write(&self, root: &Path) -> Result<usize> {
        let differences = self.differences(root)?;
        for difference in &differences {
            let path = root.join(&difference.path);
            match self.files.get(&difference.path) {
                Some(text) => {
                    if let Some(dir) = path.parent() {
                        fs::create_dir_all(dir)?;
                    }
                    fs::write(&path, text).with_context(|| path.display().to_string())?;
                }
                None => fs::remove_file(&path).with_context(|| path.display().to_string())?,
            }
        }
        Ok(differences.len())
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What is checked in and not what it should be.
    pub fn differences(&self, root: &Path) -> Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for (path, text) in &self.files {
            let what = match fs::read_to_string(root.join(path)) {
                Ok(found) if found == *text => continue,
                Ok(found) => {
                    let same = found.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
                    let line = |text: &str| text.lines().nth(same).unwrap_or("(its end)").to_owned();
                    format!("line {}: {:?} should be {:?}", same + 1, line(&found), line(text))
                }
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => "is missing".to_owned(),
                Err(e) => return Err(e).with_context(|| path.display().to_string()),
            };
            differences.push(Difference { path: path.clone(), what });
        }
        for dir in &self.owned {
            for path in files_below(&root.join(dir))? {
                let path = path.strip_prefix(root)?.to_owned();
                if !self.files.contains_key(&path) {
                    differences.push(Difference { path, what: "is not generated".to_owned() });
                }
            }
        }
        Ok(differences)
    }
}

/// A file that is not as generated.
#[derive(Debug)]
pub struct Difference {
    /// Its path below the root.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = fs::read_dir(&dir) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn rustfmt(text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        // Where the checkout's rustfmt.toml is found.
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting rustfmt; `rustup component add rustfmt` installs it")?;
    let mut stdin = child.stdin.take().context("rustfmt without an input")?;
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refused the generated text");
    writer.join().map_err(|_| anyhow::anyhow!("writing to rustfmt failed"))??;
    Ok(String::from_utf8(output.stdout)?)
}
