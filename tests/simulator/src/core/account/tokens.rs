//! DKIM tokens.
//!
//! SES gives a domain the same three tokens if it is deleted and created again (measured by third parties; AWS does not
//! promise it). The simulator computes them from account, region and domain, so a test can know them.

/// The three tokens of a domain: 32 characters of `a-z2-7` each.
pub(crate) fn dkim_tokens(account: &str, region: &str, domain: &str) -> Vec<String> {
    let seed = fnv1a(&format!("{account}/{region}/{}", domain.to_ascii_lowercase()));
    (1..=3).map(|number| token(mix(seed.wrapping_add(number)))).collect()
}

fn token(seed: u64) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut state = seed;
    (0..32)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            char::from(ALPHABET[(mix(state) % 32) as usize])
        })
        .collect()
}

/// FNV-1a: stable forever, unlike the standard library's hasher.
pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of `SplitMix64`: spreads a number over all 64 bits.
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_shape_of_ses() {
        for token in dkim_tokens("123456789012", "eu-central-1", "acme.example") {
            assert_eq!(token.len(), 32);
            assert!(token.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')), "{token}");
        }
    }

    #[test]
    fn tokens_are_stable_and_belong_to_account_region_and_domain() {
        let tokens = dkim_tokens("123456789012", "eu-central-1", "acme.example");
        assert_eq!(tokens, dkim_tokens("123456789012", "eu-central-1", "ACME.example"), "case does not matter");
        for other in [
            dkim_tokens("999999999999", "eu-central-1", "acme.example"),
            dkim_tokens("123456789012", "us-east-1", "acme.example"),
            dkim_tokens("123456789012", "eu-central-1", "b.acme.example"),
        ] {
            assert!(other.iter().all(|token| !tokens.contains(token)));
        }
        assert_ne!(tokens[0], tokens[1]);
        assert_ne!(tokens[1], tokens[2]);
    }
}
