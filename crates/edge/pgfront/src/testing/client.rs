//! A client that speaks bytes.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::connection::ByteStream;

pub(crate) type Stream = Box<dyn ByteStream>;

pub(crate) struct Client {
    pub(crate) stream: Stream,
}

/// A type byte, a length word, a body.
pub(crate) fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(i32::try_from(body.len() + 4).unwrap().to_be_bytes());
    out.extend(body);
    out
}

impl Client {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream }
    }

    pub(crate) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// A packet without type byte.
    pub(crate) async fn packet(&mut self, body: &[u8]) {
        let mut out = u32::try_from(body.len() + 4).unwrap().to_be_bytes().to_vec();
        out.extend(body);
        self.raw(&out).await;
    }

    pub(crate) async fn request(&mut self, code: u32) {
        self.packet(&code.to_be_bytes()).await;
    }

    pub(crate) async fn startup(&mut self, parameters: &[(&str, &str)]) {
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for (name, value) in parameters {
            body.extend(format!("{name}\0{value}\0").as_bytes());
        }
        body.push(0);
        self.packet(&body).await;
    }

    pub(crate) async fn send(&mut self, tag: u8, body: &[u8]) {
        self.raw(&framed(tag, body)).await;
    }

    pub(crate) async fn query(&mut self, text: &str) {
        self.send(b'Q', format!("{text}\0").as_bytes()).await;
    }

    pub(crate) async fn parse(&mut self, name: &str, text: &str, oids: &[u32]) {
        let mut body = format!("{name}\0{text}\0").into_bytes();
        body.extend(u16::try_from(oids.len()).unwrap().to_be_bytes());
        oids.iter().for_each(|oid| body.extend(oid.to_be_bytes()));
        self.send(b'P', &body).await;
    }

    /// Parameters in text, one result format for all.
    pub(crate) async fn bind(&mut self, portal: &str, statement: &str, values: &[&str], result_format: u16) {
        let mut body = format!("{portal}\0{statement}\0").into_bytes();
        body.extend(0_u16.to_be_bytes());
        body.extend(u16::try_from(values.len()).unwrap().to_be_bytes());
        for value in values {
            body.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
            body.extend(value.as_bytes());
        }
        body.extend(1_u16.to_be_bytes());
        body.extend(result_format.to_be_bytes());
        self.send(b'B', &body).await;
    }

    pub(crate) async fn describe(&mut self, kind: char, name: &str) {
        self.send(b'D', format!("{kind}{name}\0").as_bytes()).await;
    }

    pub(crate) async fn close(&mut self, kind: char, name: &str) {
        self.send(b'C', format!("{kind}{name}\0").as_bytes()).await;
    }

    pub(crate) async fn execute(&mut self, portal: &str, max_rows: i32) {
        let mut body = format!("{portal}\0").into_bytes();
        body.extend(max_rows.to_be_bytes());
        self.send(b'E', &body).await;
    }

    pub(crate) async fn flush(&mut self) {
        self.send(b'H', b"").await;
    }

    pub(crate) async fn sync(&mut self) {
        self.send(b'S', b"").await;
    }

    pub(crate) async fn byte(&mut self) -> u8 {
        self.stream.read_u8().await.unwrap()
    }

    pub(crate) async fn message(&mut self) -> (u8, Vec<u8>) {
        let tag = self.stream.read_u8().await.unwrap();
        let length = usize::try_from(self.stream.read_i32().await.unwrap()).unwrap();
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body).await.unwrap();
        (tag, body)
    }

    /// The type bytes of the messages up to ReadyForQuery, its status last: `TDDCZI`.
    pub(crate) async fn until_ready(&mut self) -> String {
        self.story().await.0
    }

    /// [`Self::until_ready`], and the bodies of the messages.
    pub(crate) async fn story(&mut self) -> (String, Vec<Vec<u8>>) {
        let (mut story, mut bodies) = (String::new(), Vec::new());
        loop {
            let (tag, body) = self.message().await;
            story.push(char::from(tag));
            if tag == b'Z' {
                story.push(char::from(body[0]));
                return (story, bodies);
            }
            bodies.push(body);
        }
    }

    /// An ErrorResponse's severity, SQLSTATE and first line.
    pub(crate) async fn error(&mut self) -> (String, String, String) {
        let (tag, body) = self.message().await;
        assert_eq!(char::from(tag), 'E', "{}", String::from_utf8_lossy(&body));
        error_fields(&body)
    }

    /// The server closes, properly or not; nothing comes before.
    pub(crate) async fn expect_end(&mut self) {
        assert!(matches!(self.stream.read(&mut [0]).await, Ok(0) | Err(_)));
    }
}

pub(crate) fn error_fields(body: &[u8]) -> (String, String, String) {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let field = |code| text.split('\0').find_map(|field| field.strip_prefix(code)).unwrap_or_default().to_owned();
    (field('S'), field('C'), field('M'))
}
