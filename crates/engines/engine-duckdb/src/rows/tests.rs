use engine::Value;

use super::time_with_offset;

#[test]
fn times_with_offsets() {
    let value = |micros, offset_seconds| Some(Value::TimeTz { micros, offset_seconds });
    for (text, expected) in [
        ("00:00:00+00", value(0, 0)),
        ("12:34:56.789+05:30", value(45_296_789_000, 19_800)),
        ("12:00:00-08", value(43_200_000_000, -28_800)),
        ("24:00:00+01:02:03", value(86_400_000_000, 3_723)),
        ("12:00:00", None),
        ("12:00:00.1234567+00", None),
        ("x+00", None),
        ("", None),
    ] {
        assert_eq!(time_with_offset(text), expected, "{text}");
    }
}
