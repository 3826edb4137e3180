// SPDX-License-Identifier: Apache-2.0

/// The named ways to make an exact quotient whole. Every division of money, energy or tax names one at the call.
public enum Rounding: String, Hashable, Sendable, Codable {
    /// Half away from zero: a credit is the exact opposite of the original (tariffs.md §4.3, rule 3).
    case halfUp
    /// Half to the even neighbour; used only where foreign input is finer than ours.
    case halfEven
    /// Towards negative infinity.
    case down
    /// Towards positive infinity; steps and hold amounts.
    case up
    /// Towards zero: cuts digits off.
    case towardZero
}

/// Divides exactly and rounds once.
///
/// - Parameter divisor: must not be 0; may be negative.
/// - Returns: `dividend / divisor`, made whole by `rounding`. Traps on overflow.
public func divide(_ dividend: Int128, by divisor: Int128, rounding: Rounding) -> Int128 {
    precondition(divisor != 0, "a quotient needs a divisor other than zero")
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    guard remainder != 0 else { return quotient }
    let negative = (dividend < 0) != (divisor < 0)
    let away: Int128 = negative ? -1 : 1
    switch rounding {
    case .towardZero:
        return quotient
    case .down:
        return negative ? quotient - 1 : quotient
    case .up:
        return negative ? quotient : quotient + 1
    case .halfUp:
        return isAtLeastHalf(remainder, of: divisor) ? quotient + away : quotient
    case .halfEven:
        let rest = divisor.magnitude - remainder.magnitude
        if remainder.magnitude == rest { return quotient.isMultiple(of: 2) ? quotient : quotient + away }
        return remainder.magnitude > rest ? quotient + away : quotient
    }
}

/// Whether `remainder` is half of `divisor` or more, without doubling (which could overflow).
private func isAtLeastHalf(_ remainder: Int128, of divisor: Int128) -> Bool {
    remainder.magnitude >= divisor.magnitude - remainder.magnitude
}
