// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// When a gateway says something happened, and in which order within that time.
package struct FactOrder: Hashable, Sendable, Codable, Comparable {
    package var occurredAt: Instant
    /// Of the gateway, if it has one.
    package var sequence: Int64

    package init(occurredAt: Instant, sequence: Int64 = 0) {
        self.occurredAt = occurredAt
        self.sequence = sequence
    }

    /// Earlier first.
    package static func < (left: FactOrder, right: FactOrder) -> Bool {
        (left.occurredAt, left.sequence) < (right.occurredAt, right.sequence)
    }
}
