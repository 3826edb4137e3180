// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite("AES-256-GCM")
struct AES256GCMTests {
    private let key = [UInt8](repeating: 7, count: 32)
    private let nonce = [UInt8](0..<12)

    /// Test cases 15 and 16 of the GCM submission to NIST (McGrew and Viega, appendix B).
    @Test("gives the published examples, without and with bound text")
    func examples() throws {
        let key = try #require(hexBytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let nonce = try #require(hexBytes("cafebabefacedbaddecaf888"))
        let text = try #require(
            hexBytes(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
                    + "b16aedf5aa0de657ba637b391aafd255"))
        let cipher =
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
            + "c5f61e6393ba7a0abcc9f662898015ad"
        let sealed = AES256GCM.sealed(text, key: key, nonce: nonce, for: [])
        #expect(
            sealed.map(hexText) == hexText(nonce) + cipher + "b094dac5d93471bdec1a502270e3cc6c")

        let place = try #require(hexBytes("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let shorter = AES256GCM.sealed(Array(text.prefix(60)), key: key, nonce: nonce, for: place)
        #expect(
            shorter.map(hexText)
                == hexText(nonce) + cipher.prefix(120) + "76fc6ece0f4e1768cddf8853bb2d551b")
    }

    @Test("a text opens with its key and for its place only, and not after a change of any byte")
    func opens() throws {
        let text = Array("whsec_1".utf8)
        let place = Array("webhook_endpoint.secret of whk_1".utf8)
        let sealed = try #require(AES256GCM.sealed(text, key: key, nonce: nonce, for: place))
        #expect(AES256GCM.opened(sealed, key: key, for: place) == text)
        #expect(AES256GCM.opened(sealed, key: [UInt8](repeating: 8, count: 32), for: place) == nil)
        #expect(AES256GCM.opened(sealed, key: key, for: Array("another place".utf8)) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(AES256GCM.opened(changed, key: key, for: place) == nil, "byte \(index)")
        }
        #expect(AES256GCM.opened(Array(sealed.prefix(20)), key: key, for: place) == nil)
    }

    @Test("keys and nonces have one length")
    func lengths() {
        #expect(AES256GCM.sealed([1], key: [1, 2], nonce: nonce, for: []) == nil)
        #expect(AES256GCM.sealed([1], key: key, nonce: [1], for: []) == nil)
        #expect(AES256GCM.opened([1], key: [1, 2], for: []) == nil)
    }
}
