//! Availability zones.

/// One of the region's three. All of them are this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// `us-east-1a`
    pub name: String,
    /// `use1-az1`
    pub id: String,
}

const LETTERS: [&str; 3] = ["a", "b", "c"];

/// The zones of a region. An id is written as AWS writes it: the area, the direction's initials, the number (`us-east-1`:
/// `use1-az1`, `ap-southeast-2`: `apse2-az1`).
pub(crate) fn zones(region: &str) -> Vec<Zone> {
    let short = abbreviation(region);
    let zone =
        |(number, letter): (usize, &str)| Zone { name: format!("{region}{letter}"), id: format!("{short}-az{number}") };
    (1..).zip(LETTERS).map(zone).collect()
}

fn abbreviation(region: &str) -> String {
    let direction = |word: &str| match word {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        _ => "",
    };
    let mut short = String::new();
    for word in region.split('-') {
        let initials = direction(word);
        short.push_str(if initials.is_empty() { word } else { initials });
    }
    short
}

#[cfg(test)]
mod tests;
