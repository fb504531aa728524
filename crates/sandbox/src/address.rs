//! Addresses that look right and take no real money: anything sent to a made-up address would be lost.

use crate::random;

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const TESTNET_PREFIX: &str = "tb";

/// A version 0 witness address (BIP 173) of Bitcoin's test network, which wallets for real bitcoins refuse.
pub(crate) fn bitcoin_testnet() -> Result<String, getrandom::Error> {
    Ok(witness_address(TESTNET_PREFIX, &random::bytes::<20>()?))
}

/// An address in mixed case: wallets take the case for the checksum of EIP-55, and random case fails it.
pub(crate) fn ethereum_unpayable() -> Result<String, getrandom::Error> {
    let digits = random::hex(&random::bytes::<20>()?);
    let cases = random::bytes::<40>()?;
    let mixed = digits.chars().zip(cases).map(|(digit, case)| match case % 2 {
        0 => digit,
        _ => digit.to_ascii_uppercase(),
    });
    Ok(format!("0x{}", mixed.collect::<String>()))
}

fn witness_address(prefix: &str, program: &[u8]) -> String {
    let mut values = vec![0];
    let (mut pending, mut pending_bits) = (0_u32, 0);
    for byte in program {
        pending = (pending << 8) | u32::from(*byte);
        pending_bits += 8;
        while pending_bits >= 5 {
            pending_bits -= 5;
            values.push(five_bits(pending >> pending_bits));
        }
    }
    if pending_bits > 0 {
        values.push(five_bits(pending << (5 - pending_bits)));
    }
    let checksum = checksum(prefix, &values);
    let letters = values.iter().chain(&checksum).map(|value| char::from(BECH32[usize::from(*value)]));
    format!("{prefix}1{}", letters.collect::<String>())
}

fn five_bits(value: u32) -> u8 {
    value.to_le_bytes()[0] & 31
}

fn checksum(prefix: &str, values: &[u8]) -> [u8; 6] {
    let expanded = prefix.bytes().map(|letter| letter >> 5).chain([0]).chain(prefix.bytes().map(|letter| letter & 31));
    let residue = polymod(expanded.chain(values.iter().copied()).chain([0; 6])) ^ 1;
    [25, 20, 15, 10, 5, 0].map(|shift| five_bits(residue >> shift))
}

fn polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |residue, value| {
        let shifted = ((residue & 0x01ff_ffff) << 5) ^ u32::from(value);
        (0..5).filter(|bit| (residue >> 25 >> bit) & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_address_is_the_one_bip_173_gives_as_an_example() {
        let program = [
            0x75, 0x1e, 0x76, 0xe8, 0x19, 0x91, 0x96, 0xd4, 0x54, 0x94, 0x1c, 0x45, 0xd1, 0xb3, 0xa3, 0x23, 0xf1, 0x43,
            0x3b, 0xd6,
        ];
        assert_eq!(witness_address("tb", &program), "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx");
        assert_eq!(witness_address("bc", &program), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    }

    #[test]
    fn an_ethereum_address_has_forty_digits_of_both_cases() {
        let address = ethereum_unpayable().unwrap();
        assert_eq!(address.len(), 42);
        assert!(address[2..].bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
