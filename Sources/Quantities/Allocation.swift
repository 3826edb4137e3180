// SPDX-License-Identifier: Apache-2.0

extension Money {
    /// Shares the amount in proportion to `weights`, by largest remainder: the parts always sum to the whole.
    ///
    /// 10.00 by [1, 1, 1] gives 3.34, 3.33, 3.33: each part is cut towards zero, then the minor units left over
    /// go one each to the largest remainders, earlier parts first.
    ///
    /// - Parameter weights: each zero or more. When all are zero everything goes to the first part.
    public func allocated(by weights: [Int64]) -> [Money] {
        precondition(!weights.isEmpty, "an amount needs somebody to go to")
        precondition(weights.allSatisfy { $0 >= 0 }, "a weight is never negative")
        let total = weights.reduce(Int128(0)) { $0 + Int128($1) }
        guard total > 0 else {
            return weights.indices.map { $0 == 0 ? self : .zero(currency) }
        }
        var parts: [Int64] = []
        var remainders: [(index: Int, size: UInt128)] = []
        for (index, weight) in weights.enumerated() {
            let (part, remainder) = (Int128(minorUnits) * Int128(weight)).quotientAndRemainder(
                dividingBy: total)
            parts.append(Int64(part))
            remainders.append((index, remainder.magnitude))
        }
        let left = minorUnits - parts.reduce(0, +)
        remainders.sort { ($0.size, $1.index) > ($1.size, $0.index) }
        for (index, _) in remainders.prefix(Int(left.magnitude)) {
            parts[index] += left.signum()
        }
        return parts.map { Money(minorUnits: $0, currency: currency) }
    }
}
