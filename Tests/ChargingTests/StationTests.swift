// SPDX-License-Identifier: Apache-2.0

import Charging
import Testing

@Suite("Who a station is")
struct StationTests {

    @Test("a profile says what a station must show, and is never lowered")
    func profiles() {
        #expect(SecurityProfile.allCases.map(\.needsPassword) == [false, true, true, false])
        #expect(SecurityProfile.allCases.map(\.needsEncryption) == [false, false, true, true])
        #expect(SecurityProfile.password.mayBecome(.encrypted))
        #expect(!SecurityProfile.encrypted.mayBecome(.password))
    }

    @Test("a password has 16 to 40 visible characters, in 2.1 up to 64")
    func passwords() {
        #expect(!StationSecret.isAcceptable(String(repeating: "x", count: 15)))
        #expect(StationSecret.isAcceptable(String(repeating: "x", count: 40)))
        #expect(!StationSecret.isAcceptable(String(repeating: "x", count: 41)))
        #expect(StationSecret.isAcceptable(String(repeating: "x", count: 64), forVersionsBefore21: false))
        #expect(!StationSecret.isAcceptable("with a space in it"))
    }

    @Test("a 1.6 key of hexadecimal digits is tried as written and as the bytes it spells")
    func keys() {
        let written = Array("000102030405060708090a0B0C0D0E0F".utf8)

        #expect(StationSecret.readings(of: written) == [written, Array(0...15)])
        #expect(StationSecret.readings(of: Array("0102".utf8)) == [Array("0102".utf8)])
        let other = Array("xx0102030405060708090a0B0C0D0E0F".utf8)
        #expect(StationSecret.readings(of: other) == [other])
    }
}
