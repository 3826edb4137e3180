// SPDX-License-Identifier: Apache-2.0

import Charging
import Testing

@Suite("Texts that identify drivers and stations")
struct IdentityTests {
    @Test(
        "tokens are compared without the case of ASCII letters and without any other change",
        arguments: [
            ("abc", "ABC", true), ("Tag-1", "tAG-1", true), ("04a2b3", "04A2B3", true),
            (" abc", "abc", false),
            ("abc ", "ABC", false), ("é", "É", false), ("straße", "STRASSE", false), ("@", "`", false),
            ("[", "{", false), ("", "", true),
        ])
    func folding(left: String, right: String, isSame: Bool) {
        #expect((PresentedToken(uid: left).folded == PresentedToken(uid: right).folded) == isSame)
        #expect(PresentedToken(uid: left).uid == left)
        #expect(PresentedToken.folded(PresentedToken.folded(left)) == PresentedToken.folded(left))
    }

    @Test(
        "C4 a station's identity is decoded once",
        arguments: [
            ("CP-1", "CP-1"), ("a", "a"), ("RDAM%7C123", "RDAM|123"), ("%c3%a9", "é"), ("%C3%A9", "é"),
            ("%2541", "%41"), ("a+b", "a+b"), ("a%20b", "a b"), ("é", "é"),
            (String(repeating: "x", count: 48), String(repeating: "x", count: 48)),
            (String(repeating: "%C3%A9", count: 48), String(repeating: "é", count: 48)),
        ])
    func identity(segment: String, identity: String) {
        #expect(StationIdentity.decoded(segment) == identity)
    }

    @Test(
        "C4 what is no identity is none",
        arguments: [
            "", String(repeating: "x", count: 49), String(repeating: "%C3%A9", count: 49), "a:b", "a%3Ab",
            "a/b",
            "a%2Fb", "%", "a%", "a%4", "%G1", "%1G", "%00", "a%0D%0Ab", "%7F", "%C2%85", "%C3%28", "%FF",
            "%ED%A0%80",
            "%2", "%%41",
        ])
    func noIdentity(segment: String) {
        #expect(StationIdentity.decoded(segment) == nil)
    }

    @Test("a guest's one-time token is A and 19 characters that nobody confuses")
    func paymentToken() {
        #expect(Token.paymentUID(from: 0, 0) == "A" + String(repeating: "0", count: 19))
        #expect(Token.paymentUID(from: .max, .max) == "A" + String(repeating: "Z", count: 19))
        var random = SplitMix64(seed: 4)
        var seen: Set<String> = []
        for _ in 0..<1000 {
            let token = Token.paymentUID(from: random.next(), random.next())
            #expect(token.utf8.count == 20)
            #expect(token.allSatisfy { "0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains($0) })
            #expect(PresentedToken(uid: token).folded == token)
            seen.insert(token)
        }
        #expect(seen.count == 1000)
    }

    @Test("every bit of the random number that fits is used")
    func paymentTokenBits() {
        let zero = Token.paymentUID(from: 0, 0)
        for bit in 0..<64 {
            #expect(Token.paymentUID(from: 0, 1 << bit) != zero)
            #expect((Token.paymentUID(from: 1 << bit, 0) != zero) == (bit < 31))
        }
    }
}
