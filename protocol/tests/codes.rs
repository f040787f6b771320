//! Whatever a person types, clicks or downloads is read or refused, and what is read leads to the
//! same place again in every form it is written in.

use farhand_protocol::code::{Code, Invitation, LinkCode, Pin, Trust, parse_gateway};

/// What addresses and file names are made of, good and bad.
const PIECES: [&str; 38] = [
    "https://",
    "http://",
    "HTTPS://",
    "farhand:join?",
    "farhand://join?",
    "gateway=",
    "&",
    "code=",
    "trust=",
    "/join#",
    ".",
    "~",
    "-",
    "Farhand~",
    "427901358",
    "427 901 358",
    "12345",
    "[::1]",
    "[--1]",
    "[",
    "]",
    ":",
    ":443",
    ":80",
    ":8443",
    ":99999",
    "support.example.org",
    "Support.Example",
    "AAAAAAAAAAAAAAAAAAAAAAAAAA",
    "aebagbafaydqqcikbmga2dqpca",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "%3A%2F%2F",
    "%5B::1%5D",
    " (1)",
    ".exe",
    "é",
    "\u{202f}",
    "\0",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Pieces in any order, or a form with one piece in a wrong place.
fn any_text(random: &mut Random) -> String {
    let forms: [&[&str]; 3] = [
        &[
            "https://",
            "support.example.org",
            ":8443",
            "/join#",
            "427901358",
            ".",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
        &[
            "farhand:join?",
            "gateway=",
            "https://",
            "[::1]",
            ":8443",
            "&",
            "code=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAA",
        ],
        &["Farhand~", "support.example.org", "~", "8443", "~", "~", "427901358", ".exe"],
    ];
    let mut pieces: Vec<&str> = match random.below(2) {
        0 => (0..=random.below(8)).map(|_| PIECES[random.below(PIECES.len())]).collect(),
        _ => forms[random.below(forms.len())].to_vec(),
    };
    let at = random.below(pieces.len());
    match random.below(3) {
        0 => pieces[at] = PIECES[random.below(PIECES.len())],
        1 => pieces.insert(at, PIECES[random.below(PIECES.len())]),
        _ => drop(pieces.remove(at)),
    }
    pieces.concat()
}

fn assert_leads_to_the_same_place(invitation: &Invitation, text: &str) {
    assert_eq!(Invitation::parse(&invitation.link()).as_ref(), Ok(invitation), "link of {text:?}");
    assert_eq!(
        Invitation::parse(&invitation.deep_link()).as_ref(),
        Ok(invitation),
        "deep link of {text:?}"
    );
    assert_eq!(
        parse_gateway(&invitation.gateway).as_ref(),
        Ok(&invitation.gateway),
        "gateway of {text:?}"
    );
}

#[test]
fn any_text_is_read_or_refused_and_what_is_read_stays_the_same() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut read = 0;
    for _ in 0..200_000 {
        let text = any_text(&mut random);
        if let Ok(invitation) = Invitation::parse(&text) {
            assert_leads_to_the_same_place(&invitation, &text);
            read += 1;
        }
        if let Ok(pin) = Pin::parse(&text) {
            assert_eq!(Pin::parse(&pin.grouped()), Ok(pin));
        }
        if let Ok(code) = Code::parse(&text) {
            assert_eq!(Code::parse(&code.to_string()), Ok(code));
        }
        if let Ok(gateway) = parse_gateway(&text) {
            assert_eq!(parse_gateway(&gateway).as_ref(), Ok(&gateway), "{text:?}");
        }
        let _ = Trust::parse(&text);
    }
    assert!(read > 1000, "the pieces fit together now and then: {read}");
}

#[test]
fn every_good_combination_survives_every_form() {
    let gateways = [
        "https://support.example.org",
        "https://h:8443",
        "https://[2001:db8::1]:8443",
        "https://192.0.2.1",
    ];
    let codes = [
        Code::Pin(Pin::parse("123456").unwrap()),
        Code::Pin(Pin::parse("427901358").unwrap()),
        Code::Link(LinkCode::from_random([0xff; 16])),
    ];
    for gateway in gateways {
        for trust in [None, Some(Trust([0; 32])), Some(Trust([0xff; 32]))] {
            for code in &codes {
                let invitation = Invitation {
                    gateway: gateway.into(),
                    trust,
                    code: code.clone(),
                };
                assert_leads_to_the_same_place(&invitation, gateway);
                assert!(!invitation.file_stem().contains(':'), "no file name may hold a colon on Windows");
                for ending in ["", ".exe", " (1)", " (12).exe", ".AppImage"] {
                    let name = format!("{}{ending}", invitation.file_stem());
                    assert_eq!(Invitation::parse(&name).as_ref(), Ok(&invitation), "{name}");
                }
            }
        }
    }
}

#[test]
fn no_code_of_a_link_is_taken_for_a_pin_nor_the_other_way_round() {
    for sample in 0..2000_u64 {
        let pin = Pin::from_random(sample * 8_000_009, 9).unwrap();
        assert_eq!(Code::parse(pin.as_str()), Ok(Code::Pin(pin)));
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&sample.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let link = LinkCode::from_random(bytes);
        assert_eq!(Code::parse(&link.to_string()), Ok(Code::Link(link)));
    }
}
