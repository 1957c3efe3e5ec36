//! Microseconds of a decision, by IAM's language and by Cedar, over the same questions:
//! `cargo run --release --manifest-path bench/cedar/Cargo.toml --target-dir target/cedar`.
//!
//! Both engines have read their policies before, and have the request and what is known of it in memory. The answers are compared
//! before anything is timed. Prints a JSON list of `{"name", "allowed", "ours_us", "cedar_us"}`.

mod ask;
mod sets;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value, json};

use ask::{Cedar, Ours};
use sets::{Question, Set};

/// Each measurement goes on for about this long.
const SECONDS: f64 = 0.5;
/// The best of these counts: what else the machine does only makes it slower.
const MEASUREMENTS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut results = Vec::new();
    for set in sets::all() {
        let (ours, cedar) = (Ours::new(&set)?, Cedar::new(&set)?);
        for question in &set.questions {
            results.push(compare(&set, question, &ours, &cedar)?);
        }
    }
    println!("{}", serde_json::to_string_pretty(&results)?);
    Ok(())
}

fn compare(set: &Set, question: &Question, ours: &Ours, cedar: &Cedar) -> Result<Value, Box<dyn Error>> {
    let name = format!("{}: {}", set.name, question.name);
    let asked = cedar.request(question)?;
    let context = ours.context(question);
    let ours = || ours.allows(question, &context);
    let cedar = || cedar.allows(&asked);
    for (engine, answer) in [("ours", ours()), ("Cedar", cedar())] {
        if answer != question.allowed {
            return Err(format!("{name}: {engine} answers {answer}").into());
        }
    }
    // In turn, so that both have the same machine.
    let (mut ours_us, mut cedar_us) = (f64::MAX, f64::MAX);
    for _ in 0..MEASUREMENTS {
        ours_us = ours_us.min(microseconds(ours));
        cedar_us = cedar_us.min(microseconds(cedar));
    }
    let rounded = |us: f64| (us * 1000.0).round() / 1000.0;
    Ok(json!({"name": name, "allowed": question.allowed, "ours_us": rounded(ours_us), "cedar_us": rounded(cedar_us)}))
}

/// Microseconds of a call.
fn microseconds(call: impl Fn() -> bool) -> f64 {
    const BATCH: u32 = 1000;
    let since = Instant::now();
    let mut batches = 0_u32;
    while since.elapsed().as_secs_f64() < SECONDS / MEASUREMENTS as f64 {
        for _ in 0..BATCH {
            black_box(call());
        }
        batches += 1;
    }
    since.elapsed().as_secs_f64() * 1e6 / f64::from(batches * BATCH)
}
