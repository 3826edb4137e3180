// SPDX-License-Identifier: Apache-2.0

import Quantities
import Testing

@Suite("Rounding")
struct RoundingTests {
    /// Quotients of tenths: the dividend, and what halfUp, halfEven, down, up and towardZero make of it.
    private static let table: [(tenths: Int128, expected: [Int128])] = [
        (0, [0, 0, 0, 0, 0]), (1, [0, 0, 0, 1, 0]), (4, [0, 0, 0, 1, 0]), (5, [1, 0, 0, 1, 0]),
        (6, [1, 1, 0, 1, 0]), (10, [1, 1, 1, 1, 1]), (14, [1, 1, 1, 2, 1]), (15, [2, 2, 1, 2, 1]),
        (25, [3, 2, 2, 3, 2]), (35, [4, 4, 3, 4, 3]), (-1, [0, 0, -1, 0, 0]), (-5, [-1, 0, -1, 0, 0]),
        (-6, [-1, -1, -1, 0, 0]), (-10, [-1, -1, -1, -1, -1]), (-15, [-2, -2, -2, -1, -1]),
        (-25, [-3, -2, -3, -2, -2]), (-35, [-4, -4, -4, -3, -3]),
    ]
    private static let modes: [Rounding] = [.halfUp, .halfEven, .down, .up, .towardZero]

    @Test("every mode on every sign, whichever of the two numbers is negative")
    func table() {
        for (tenths, expected) in Self.table {
            for (mode, value) in zip(Self.modes, expected) {
                #expect(divide(tenths, by: 10, rounding: mode) == value, "\(tenths) / 10 \(mode)")
                #expect(divide(-tenths, by: -10, rounding: mode) == value, "\(-tenths) / -10 \(mode)")
            }
        }
    }

    @Test("half is found without doubling, at the ends of 128 bits too")
    func extremes() {
        #expect(divide(.max, by: .max, rounding: .halfUp) == 1)
        #expect(divide(.max, by: 2, rounding: .halfUp) == Int128(1) << 126)
        #expect(divide(.max - 1, by: .max, rounding: .halfUp) == 1)
        #expect(divide(.max / 2, by: .max, rounding: .halfUp) == 0)
        #expect(divide(.max / 2 + 1, by: .max, rounding: .halfUp) == 1)
        #expect(divide(.min, by: 2, rounding: .down) == Int128.min / 2)
        #expect(divide(.min, by: .max, rounding: .halfEven) == -1)
    }

    @Test("a rounded quotient is the nearest below or above, over random numbers")
    func neighbours() {
        for seed in UInt64(1)...2000 {
            var random = SeededGenerator(seed: seed)
            let dividend = Int128(Int64.random(in: .min ... .max, using: &random))
            let divisor = Int128(Int64.random(in: 1...1_000_000, using: &random))
            let down = divide(dividend, by: divisor, rounding: .down)
            #expect(down * divisor <= dividend && (down + 1) * divisor > dividend, "seed \(seed)")
            let half = divide(dividend, by: divisor, rounding: .halfUp)
            #expect(abs(half * divisor - dividend) * 2 <= divisor, "seed \(seed)")
            #expect(divide(-dividend, by: divisor, rounding: .halfUp) == -half, "seed \(seed)")
        }
    }

    @Test("a divisor of zero is a mistake of the program")
    func zeroDivisor() async {
        await #expect(processExitsWith: .failure) { _ = divide(1, by: 0, rounding: .halfUp) }
    }
}

/// Reproducible randomness: SplitMix64, so that a printed seed makes the same case again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
