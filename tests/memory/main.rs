//! How much memory an answer can cost. A body of a gigabyte, one without an end and a gzip bomb come from
//! a server that would send it all; a counting allocator says what the client took. A binary of its own, as
//! the allocator counts for the whole process. Must notice a body that is collected before it is measured,
//! and an encoding that is undone without having been asked for.

#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Mutex},
};

use conformance::calls::{ALL, Call, PATIENT};
use peak_alloc::PeakAlloc;
use test_support::{OrFail as _, SocketServer, is_long};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What a test counts, another must not allocate.
static ALONE: Mutex<()> = Mutex::new(());

/// What one call may take at most.
const MOST: usize = 8 * 1024 * 1024;
/// What the server is ready to send.
const GIGABYTE: usize = 1 << 30;

/// What a list may take at most: the body, its texts and its items.
const MOST_OF_A_LIST: usize = 16 * 1024 * 1024;

/// What an answer has instead of an end.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// A gigabyte, as it says itself.
    Announced,
    /// The same in chunks.
    Chunks,
    /// A gzip stream that unfolds to a thousand times its size.
    Bomb,
}

/// The first bytes of a body, and the block that follows them over and over.
struct Stream {
    headers: &'static str,
    start: Vec<u8>,
    block: Vec<u8>,
}

impl Body {
    fn stream(self) -> Stream {
        let (headers, start, block) = match self {
            Self::Announced => (
                "Content-Length: 1073741824",
                Vec::new(),
                vec![b' '; 0x10000],
            ),
            Self::Chunks => {
                let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
                ("Transfer-Encoding: chunked", Vec::new(), chunk)
            }
            Self::Bomb => {
                let (start, block) = bomb();
                (
                    "Content-Length: 1073741824\r\nContent-Encoding: gzip",
                    start,
                    block,
                )
            }
        };
        Stream {
            headers,
            start,
            block,
        }
    }
}

/// A gzip stream (RFC 1952): its start, and a block that can follow for ever. Its one deflate block
/// (RFC 1951) has the fixed codes: a space, then "258 times the byte before" again and again, which is the
/// code of length 285 and that of distance 0, 13 bits in all.
fn bomb() -> (Vec<u8>, Vec<u8>) {
    let mut bits = vec![1, 1, 0];
    let code = |value: u16, length: usize| (0..length).rev().map(move |bit| value >> bit & 1);
    bits.extend(code(0x50, 8));
    for _ in 0..0x10000 {
        bits.extend(code(0b1100_0101, 8).chain(code(0, 5)));
    }
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|bits| (0..8).map(|at| u8::from(bits[at] == 1) << at).sum())
        .collect();
    let mut start = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    start.extend(&bytes[..2]);
    // Eight codes are thirteen bytes, so the block has to be a multiple of that.
    (start, bytes[2..2 + 13 * 5000].to_vec())
}

/// Answers one request and says how many bytes of the body went out before the client hung up.
fn serve(mut connection: TcpStream, status: u16, stream: &Stream) -> usize {
    let mut request = [0; 4096];
    let _ = connection.read(&mut request).or_fail();
    let headers = stream.headers;
    let head =
        format!("HTTP/1.1 {status} S\r\nContent-Type: application/json\r\n{headers}\r\n\r\n");
    let mut sent = 0;
    let mut write = |bytes: &[u8]| {
        sent += bytes.len();
        connection.write_all(bytes).is_ok()
    };
    let mut more = write(head.as_bytes()) && write(&stream.start);
    while more {
        more = write(&stream.block);
    }
    sent
}

/// What `act` gives, and how much the heap grew at its peak meanwhile.
fn measured<T>(act: impl FnOnce() -> T) -> (T, usize) {
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    let result = act();
    (result, HEAP.peak_usage().saturating_sub(before))
}

/// How much the heap grew at its peak while a call was answered like that.
fn growth(call: &Call, status: u16, stream: &Arc<Stream>) -> usize {
    let server = SocketServer::start({
        let stream = Arc::clone(stream);
        move |connection| serve(connection, status, &stream)
    });
    let url = format!("http://{}", server.address());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .or_fail();
    let (outcome, growth) = measured(|| runtime.block_on(call.at(url, PATIENT)));
    let row = format!("{} {status}", call.operation);
    // A success of which the document has no body is one, whatever comes behind it; so is a 204.
    let without_body = status == 204 || (status == call.success && !call.answers);
    assert!(outcome.is_err() || without_body, "{row}");
    drop(runtime);
    let sent = server.finish();
    assert!(sent[0] < GIGABYTE, "{row}: read to its end");
    growth
}

#[test]
fn no_answer_costs_more_than_eight_mebibytes() {
    let _alone = ALONE.lock();
    // The count has to work. It is of the whole process, in which the harness frees a little meanwhile.
    let ((), counted) = measured(|| drop(std::hint::black_box(vec![1_u8; 2 * MOST])));
    assert!(counted >= MOST, "{counted} bytes");

    let statuses: &[u16] = if is_long() {
        &[200, 201, 202, 204, 299, 302, 401, 404, 409, 500, 503]
    } else {
        &[200, 409]
    };
    for body in [Body::Announced, Body::Chunks, Body::Bomb] {
        let stream = Arc::new(body.stream());
        let mut most = (0, String::new());
        for call in &ALL {
            for &status in statuses {
                let row = format!("{} {status}", call.operation);
                most = most.max((growth(call, status, &stream), row));
            }
        }
        let (bytes, row) = most;
        assert!(bytes < MOST, "{body:?}: {bytes} bytes for {row}");
        println!("{body:?}: {bytes} bytes at most, for {row}");
    }
}

/// A body of 4 MiB can hold more than a million empty items, each of which becomes a struct.
#[test]
fn no_list_costs_more_than_sixteen_mebibytes() {
    let _alone = ALONE.lock();
    let body = |start: &str, item: &str, end: &str| {
        let number = (4 * 1024 * 1024 - start.len() - end.len()) / (item.len() + 1);
        format!("{start}{}{end}", vec![item; number].join(","))
    };
    let failed = r#"{"deleteCertificateError":{"values":[{},{},{},{},{},{},{},{}]}}"#;
    #[rustfmt::skip]
    let rows = [
        ("Certificate_List", body(r#"{"value":["#, "{}", "]}")),
        ("Certificate_List", body(r#"{"value":["#, failed, "]}")),
        ("Certificate_Get", body(r#"{"deleteCertificateError":{"values":["#, "{}", "]}}")),
        ("ManagementCertificate_List", body("[", "{}", "]")),
    ];
    for (operation, body) in rows {
        let call = Call::of(operation);
        let stream = Arc::new(body);
        let server = SocketServer::start({
            let body = Arc::clone(&stream);
            move |mut connection| {
                let _ = connection.read(&mut [0; 4096]).or_fail();
                let head = "HTTP/1.1 200 S\r\nContent-Type: application/json\r\nConnection: close";
                let head = format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = connection.write_all(&[head.as_bytes(), body.as_bytes()].concat());
            }
        });
        let url = format!("http://{}", server.address());
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().or_fail();
        let (outcome, growth) = measured(|| runtime.block_on(call.at(url, PATIENT)));
        let error = outcome.err_or_fail();
        assert!(error.is_unexpected_answer(), "{operation}: {error}");
        assert!(error.to_string().contains("ask for fewer items"), "{error}");
        // The server's own copy of the body counts, too.
        assert!(
            growth < MOST_OF_A_LIST + stream.len(),
            "{operation}: {growth} bytes"
        );
        println!("{operation}: {growth} bytes");
        drop(runtime);
        server.finish();
    }
}
