//! Steps from one DER file to another that leave its lengths right, which steps by bytes would not.

use fastrand::Rng;

const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;

/// An element, in the order in which a file has them. Those within it follow it, one deeper.
#[derive(Clone)]
struct Node {
    depth: usize,
    tag: u8,
    /// `None`: it holds elements.
    bytes: Option<Vec<u8>>,
}

/// One step away from a file; `None` where it is no DER.
pub(crate) fn edit(data: &[u8], chance: &mut Rng) -> Option<Vec<u8>> {
    let mut nodes = Vec::new();
    if !read(data, 0, &mut nodes) {
        return None;
    }
    let at = chance.usize(..nodes.len().max(1));
    let other = chance.usize(..nodes.len().max(1));
    let (here, there) = (subtree(&nodes, at)?, subtree(&nodes, other)?);
    let depth = nodes[at].depth;
    let copy = nodes[there].iter().map(|node| Node {
        depth: node.depth - nodes[other].depth + depth,
        ..node.clone()
    });
    let copy: Vec<_> = copy.collect();
    match chance.u8(..6) {
        0 => drop(nodes.drain(here)),
        1 => drop(nodes.splice(at..at, copy)),
        2 => drop(nodes.splice(here, copy)),
        3 => {
            let tags = [
                0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x17, 0x30, 0x31, 0x80, 0xa0, 0xa1,
            ];
            nodes[at].tag = tags[chance.usize(..tags.len())];
        }
        _ => {
            let bytes = nodes[at].bytes.as_mut()?;
            let place = chance.usize(..=bytes.len());
            match chance.u8(..4) {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, chance.u8(..)),
                2 => *bytes = vec![chance.u8(..4)],
                _ => *bytes.get_mut(place)? ^= 1 << chance.u8(..8),
            }
        }
    }
    let mut bytes = Vec::new();
    write(&nodes, &mut bytes);
    Some(bytes)
}

/// The places of an element and of all that is in it.
fn subtree(nodes: &[Node], at: usize) -> Option<std::ops::Range<usize>> {
    let depth = nodes.get(at)?.depth;
    let within = nodes[at + 1..].iter().take_while(|node| node.depth > depth);
    Some(at..at + 1 + within.count())
}

/// The elements in some bytes; nothing of them where these are not all elements.
fn read(mut data: &[u8], depth: usize, nodes: &mut Vec<Node>) -> bool {
    let before = nodes.len();
    while let Some((tag, value, rest)) = element(data) {
        let at = nodes.len();
        nodes.push(Node {
            depth,
            tag,
            bytes: None,
        });
        let may_hold = tag & CONSTRUCTED != 0 || tag == OCTET_STRING && value.len() > 2;
        if !may_hold || depth > 64 || !read(value, depth + 1, nodes) {
            nodes[at].bytes = Some(value.to_vec());
        }
        data = rest;
    }
    if !data.is_empty() {
        nodes.truncate(before);
    }
    data.is_empty()
}

/// The first element's tag and content, and what follows it.
fn element(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = data.split_first_chunk()?;
    let digits = match length {
        0..=0x7f => 0,
        0x81..=0x83 => usize::from(length & 0x7f),
        _ => return None,
    };
    let (digits, rest) = rest.split_at_checked(digits)?;
    let longer = digits
        .iter()
        .fold(0, |sum, digit| (sum << 8) | usize::from(*digit));
    let length = if digits.is_empty() {
        length.into()
    } else {
        longer
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((tag, value, rest))
}

fn write(mut nodes: &[Node], out: &mut Vec<u8>) {
    while let Some(node) = nodes.first() {
        let end = subtree(nodes, 0).map_or(1, |places| places.end);
        let mut value = node.bytes.clone().unwrap_or_default();
        write(&nodes[1..end], &mut value);
        let length = value.len().to_be_bytes();
        let digits = &length[length.iter().take_while(|digit| **digit == 0).count()..];
        out.push(node.tag);
        match digits {
            [] => out.push(0),
            [digit @ ..=0x7f] => out.push(*digit),
            _ => {
                out.extend(u8::try_from(0x80 | digits.len()));
                out.extend(digits);
            }
        }
        out.extend(value);
        nodes = &nodes[end..];
    }
}
