//! A service that answers as a test wants, for what no sandbox does on demand.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// A request, as far as tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Received {
    /// Whether it is about this certificate.
    pub(crate) fn is_of(&self, thumbprint: &str) -> bool {
        self.target.contains(thumbprint)
    }

    pub(crate) fn is(&self, method: &str) -> bool {
        self.method == method
    }
}

pub(crate) enum Answer {
    Empty(u16),
    Json(u16, Value),
    /// No answer at all.
    HangUp,
}

impl Answer {
    /// An error of Batch.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::Json(status, json!({ "code": code }))
    }
}

pub(crate) struct Service {
    pub(crate) endpoint: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Service {
    pub(crate) fn start(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (received.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                thread::spawn(move || serve(&stream, &log, &*answer));
            }
        });
        Self { endpoint, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, log: &Mutex<Vec<Received>>, answer: &dyn Fn(&Received) -> Answer) {
    let Some(request) = read(stream) else { return };
    log.lock().unwrap().push(request.clone());
    let (status, media_type, body) = match answer(&request) {
        Answer::HangUp => return,
        Answer::Empty(status) => (status, "", String::new()),
        Answer::Json(status, value) => (
            status,
            "content-type: application/json\r\n",
            value.to_string(),
        ),
    };
    // A 204 has no length.
    let length = match status {
        204 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let head =
        format!("HTTP/1.1 {status} -\r\nconnection: close\r\n{length}{media_type}\r\n{body}");
    // A command that has exited meanwhile does not want it.
    let _ = stream.write_all(head.as_bytes());
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Received {
        method,
        target,
        headers,
        body,
    })
}
