//! Answers every request of a connection with the same bytes: `bench-server cancel|conflict|list`. Prints
//! its port.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

fn main() -> std::io::Result<()> {
    let answer = answer(&std::env::args().nth(1).unwrap_or_default());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let (stream, answer) = (stream?, answer.clone());
        thread::spawn(move || serve(stream, answer.as_bytes()));
    }
    Ok(())
}

/// Requests of the bench have no body.
fn serve(mut stream: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if line == "\r\n" {
            stream.write_all(answer)?;
        }
        line.clear();
    }
    Ok(())
}

fn answer(scenario: &str) -> String {
    let headers = "ETag: 0x8D4EDFEBFADF4AB\r\nLast-Modified: Fri, 17 Nov 2023 00:00:05 GMT\r\n\
         Server: Microsoft-HTTPAPI/2.0\r\nrequest-id: 75afb8a5-f9a5-4e9a-b1f9-0b0cb3f4c5d1\r\n\
         DataServiceId: https://account.region.batch.azure.com/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)\r\n\
         Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nX-Content-Type-Options: nosniff\r\n\
         Date: Mon, 20 Nov 2023 10:11:12 GMT\r\n";
    let json = |status: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json;odata=minimalmetadata\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    match scenario {
        "conflict" => json(
            "409 Conflict",
            r#"{"odata.metadata":"https://account.region.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element","code":"CertificateStateActive","message":{"lang":"en-US","value":"The specified certificate is active.\nRequestId:75afb8a5-f9a5-4e9a-b1f9-0b0cb3f4c5d1\nTime:2023-11-20T10:11:12.1234567Z"}}"#,
        ),
        "list" => {
            let data = "MIIC".repeat(250);
            let item = format!(
                r#"{{"thumbprint":"0123456789abcdef0123456789abcdef01234567","thumbprintAlgorithm":"sha1","url":"https://account.region.batch.azure.com/certificates(thumbprintAlgorithm=sha1,thumbprint=0123456789abcdef0123456789abcdef01234567)","state":"deletefailed","stateTransitionTime":"2023-11-20T10:11:12.1234567Z","previousState":"deleting","previousStateTransitionTime":"2023-11-20T09:11:12.1234567Z","publicData":"{data}"}}"#
            );
            json("200 OK", &format!(r#"{{"value":[{}]}}"#, vec![item; 1000].join(",")))
        }
        _ => format!("HTTP/1.1 204 No Content\r\n{headers}\r\n"),
    }
}
