// SPDX-License-Identifier: Apache-2.0

package import Quantities
import Synchronization

/// Makes identifiers and secrets: from the system's randomness, or from a seed so that a simulation can be repeated.
package final class IDSource: Sendable {
    private let seeded: Mutex<SeededGenerator?>

    /// Identifiers that nobody can guess.
    package init() { seeded = Mutex(nil) }

    /// The same identifiers every time; for simulations and tests.
    package init(seed: UInt64) { seeded = Mutex(SeededGenerator(seed: seed)) }

    /// A new identifier.
    package func new<Owner>(_ owner: ID<Owner>.Type = ID<Owner>.self, at instant: Instant) -> ID<Owner> {
        ID(at: instant, random: UInt128(word()) << 64 | UInt128(word()))
    }

    /// A secret of 128 random bits in Crockford's base 32, 26 characters: guest links and one-time tokens.
    package func secret() -> String {
        let bits = UInt128(word()) << 64 | UInt128(word())
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        return String(decoding: (0..<26).map { alphabet[Int((bits >> UInt128(5 * $0)) & 31)] }, as: UTF8.self)
    }

    /// A positive number of 31 bits (OCPP's remoteStartId is an Int32).
    package func int31() -> Int64 { Int64(word() >> 33) | 1 }

    /// 64 random bits.
    package func word() -> UInt64 {
        seeded.withLock { $0?.next() } ?? .random(in: .min ... .max)
    }
}

/// SplitMix64: small, and the same on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
