//! `gatehouse audit verify`

use anyhow::{Context as _, bail};
use store::{Store, verify as verify_chain};

use crate::options::VerifyOptions;

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub(crate) async fn verify(options: VerifyOptions) -> anyhow::Result<()> {
    let file = options.data_dir.join("control.sqlite");
    if !file.exists() {
        bail!("{} isn't there; name the data directory with --data-dir", file.display());
    }
    let store = Store::open(&file).await.with_context(|| format!("{} can't be opened", file.display()))?;
    let head = match verify_chain(&store).await? {
        Ok(head) => head,
        Err(chain_break) => bail!("{chain_break}"),
    };
    if let Some(since) = &options.since {
        let known = store::record_hash(&store, since_sequence(since)?).await?;
        if known.as_deref() != since.split_once(':').map(|(_, hash)| hash) {
            bail!("the audit trail doesn't hold the record {since}: records were cut off or the chain was made anew");
        }
    }
    if options.json {
        println!("{}", serde_json::json!({ "records": head.sequence, "head": head.hash, "unbroken": true }));
    } else {
        println!("{} records, unbroken; head {}:{}", head.sequence, head.sequence, head.hash);
    }
    Ok(())
}

fn since_sequence(since: &str) -> anyhow::Result<i64> {
    let number = since.split_once(':').and_then(|(sequence, _)| sequence.parse().ok());
    number.with_context(|| format!("--since {since:?} isn't SEQUENCE:HASH, as an earlier `audit verify` printed it"))
}

#[cfg(test)]
mod tests;
