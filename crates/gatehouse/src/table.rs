//! Tables for people: columns that align, two spaces apart.

/// A heading and rows of as many cells. Ends with a line break.
pub(crate) fn render<const COLUMNS: usize>(heading: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let mut widths = heading.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let line = |cells: [&str; COLUMNS]| {
        let cells = cells.iter().zip(widths).map(|(cell, widest)| format!("{cell:<widest$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    let mut text = line(heading);
    text.extend(rows.iter().map(|row| line(row.each_ref().map(String::as_str))));
    text
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_align() {
        let rows =
            [["1".to_owned(), "é".to_owned(), String::new()], ["12345".to_owned(), String::new(), "x".to_owned()]];
        let table = render(["ID", "NAME", "LAST"], &rows);
        assert_eq!(table, "ID     NAME  LAST\n1      é\n12345        x\n");
        assert_eq!(render(["A", "B"], &[]), "A  B\n");
    }
}
