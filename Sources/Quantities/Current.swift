// SPDX-License-Identifier: Apache-2.0

/// Electrical current: a whole number of microamperes.
public struct Current: Hashable, Sendable, Comparable {
    /// Microamperes; 1 A is 1,000,000.
    public let microamperes: Int64

    /// So many microamperes.
    public init(microamperes: Int64) { self.microamperes = microamperes }

    /// Compares currents.
    public static func < (left: Current, right: Current) -> Bool { left.microamperes < right.microamperes }
}

extension Current: Codable {
    /// Reads microamperes.
    public init(from decoder: any Decoder) throws {
        microamperes = try decoder.singleValueContainer().decode(Int64.self)
    }
    /// Writes microamperes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microamperes)
    }
}
