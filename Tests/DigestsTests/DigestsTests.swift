// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite("Digests")
struct DigestsTests {
    @Test("SHA-256 gives the examples of FIPS 180-4")
    func sha256() {
        #expect(
            SHA256Digest.hex(of: Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            SHA256Digest.text(of: [])
                == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("HMAC gives the examples of RFC 4231, also with a key longer than a block")
    func hmac() {
        #expect(
            HMACDigest.hex(
                of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            HMACDigest.hex(
                of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                key: [UInt8](repeating: 0xaa, count: 131))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test("Ed25519 gives the second example of RFC 8032 and refuses everything else")
    func ed25519() throws {
        let secret = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        let known = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let expected = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")

        #expect(Ed25519.publicKey(of: secret) == known)
        #expect(Ed25519.verifies(expected, of: [0x72], publicKey: known))
        #expect(!Ed25519.verifies(expected, of: [0x73], publicKey: known))
        #expect(!Ed25519.verifies(expected.dropLast() + [1], of: [0x72], publicKey: known))
        #expect(!Ed25519.verifies(expected, of: [0x72], publicKey: [1, 2, 3]))
        #expect(Ed25519.signature(of: [0x72], privateKey: [1, 2, 3]) == nil)
        let own = try #require(Ed25519.signature(of: [0x72], privateKey: secret))
        #expect(Ed25519.verifies(own, of: [0x72], publicKey: known))
    }

    @Test("equality looks at every byte and at the length")
    func constantTime() {
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(constantTimeEquals([], []))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        for place in 0..<3 {
            var other: [UInt8] = [1, 2, 3]
            other[place] ^= 0x80
            #expect(!constantTimeEquals([1, 2, 3], other))
        }
    }

    @Test("bytes are written as small hexadecimal digits")
    func hex() {
        #expect(hexText([0, 1, 0x0f, 0xa0, 0xff]) == "00010fa0ff")
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
