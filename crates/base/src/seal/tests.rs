use super::*;

fn sealer(byte: u8) -> Sealer {
    Sealer::new(&Secret::new(vec![byte; 32])).unwrap()
}

#[test]
fn what_was_sealed_opens_with_the_same_key_and_purpose_alone() {
    let sealed = sealer(1).seal("key", b"text").unwrap();
    assert_eq!(sealer(1).open("key", &sealed).unwrap().expose(), b"text");
    assert!(sealer(1).open("flow", &sealed).is_none());
    assert!(sealer(2).open("key", &sealed).is_none());
    assert_ne!(sealed, sealer(1).seal("key", b"text").unwrap(), "each sealing has a nonce of its own");
}

#[test]
fn a_changed_byte_anywhere_opens_nothing() {
    let sealed = sealer(1).seal("key", b"text").unwrap();
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(sealer(1).open("key", &changed).is_none(), "byte {place}");
    }
    assert!(sealer(1).open("key", &sealed[..11]).is_none());
}

#[test]
fn text_goes_there_and_back() {
    let sealed = sealer(1).seal_text("flow", "ö".as_bytes()).unwrap();
    assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    assert_eq!(sealer(1).open_text("flow", &sealed).unwrap().expose(), "ö".as_bytes());
    assert!(sealer(1).open_text("flow", "not base64!").is_none());
}

#[test]
fn a_key_has_32_bytes() {
    assert_eq!(Sealer::new(&Secret::new(vec![0; 16])).unwrap_err(), BadSealingKey { length: 16 });
}
