//! Writes the corpus of attacks (`tests/corpus/*.xml`): `cargo run -p saml --example corpus`.
//!
//! Each file is one SAML Response. It is signed validly wherever the attack needs it, with the keys in `tests/corpus/keys`,
//! which are made if they aren't there. `src/tests.rs` says what each file must be refused for.

mod document;
mod meaning;
mod parts;
mod signatures;
mod wrapping;

use std::io::Write as _;
use std::path::Path;

use parts::Keys;

/// A file of the corpus.
type Case = (&'static str, Vec<u8>);

fn main() -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let keys = Keys::load_or_make(&folder.join("keys"))?;
    let mut cases = document::cases(&keys)?;
    cases.extend(signatures::cases(&keys)?);
    cases.extend(wrapping::cases(&keys)?);
    cases.extend(meaning::cases(&keys)?);
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "xml") {
            std::fs::remove_file(path)?;
        }
    }
    for (name, xml) in &cases {
        std::fs::write(folder.join(format!("{name}.xml")), xml)?;
    }
    writeln!(std::io::stdout(), "{} files in {}", cases.len(), folder.display())?;
    Ok(())
}
