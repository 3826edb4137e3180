// SPDX-License-Identifier: Apache-2.0

/// The rules of rounding under which a session is priced; its name is stored with every result (tariffs.md
/// §4.3).
public struct RatingPolicy: Hashable, Sendable, Codable {
    /// Name and version, e.g. `line-half-up/1`. A changed rule is a new version.
    public let name: String

    /// A line is rounded once, half away from zero; tax once per rate.
    public static let lineHalfUp1 = RatingPolicy(name: "line-half-up/1")

    private init(name: String) { self.name = name }
}
