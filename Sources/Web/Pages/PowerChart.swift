// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Power over the time of a session, drawn on the server in whole numbers.
package struct PowerChart: Hashable, Sendable {
    /// What the meter said at one moment.
    package struct Point: Hashable, Sendable {
        /// When it was measured.
        package var at: Instant
        /// The power then.
        package var power: Power
        /// The session's energy until then.
        package var energy: Energy

        /// What the meter said at one moment.
        package init(at: Instant, power: Power, energy: Energy) {
            self.at = at
            self.power = power
            self.energy = energy
        }
    }

    /// In order of time.
    package var points: [Point]

    /// A chart of measured points.
    package init(points: [Point]) { self.points = points }

    private static let width: Int64 = 600
    private static let height: Int64 = 120
    private static let mostPoints = 120
    private static let mostSamples = 12

    /// The gaps of `chart.mustache`; nil while there is no line to draw.
    func gaps(_ shown: Shown) -> Gaps? {
        guard let first = points.first, let last = points.last, first.at < last.at else { return nil }
        let most = points.map(\.power.milliwatts).max() ?? 0
        let corners = Self.thinned(points, to: Self.mostPoints).map { point in
            "\(Self.scaled(point.at.nanoseconds - first.at.nanoseconds, in: last.at.nanoseconds - first.at.nanoseconds, to: Self.width)) "
                + "\(Self.height - Self.scaled(max(0, point.power.milliwatts), in: most, to: Self.height - 6))"
        }
        let line = "M" + corners.joined(separator: "L")
        return [
            "line": line, "area": "M0 \(Self.height)L" + line.dropFirst() + "L\(Self.width) \(Self.height)z",
            "most": shown.words(.mostPower, ["power": shown.power(Power(milliwatts: most))]),
            "from": shown.clock(first.at), "to": shown.clock(last.at),
            "samples": Self.thinned(points, to: Self.mostSamples).map { point -> Gaps in
                [
                    "at": shown.clock(point.at), "power": shown.power(point.power),
                    "energy": shown.energy(point.energy),
                ]
            },
        ]
    }

    private static func scaled(_ value: Int64, in whole: Int64, to size: Int64) -> Int64 {
        guard whole > 0 else { return 0 }
        return Int64(divide(Int128(value) * Int128(size), by: Int128(whole), rounding: .halfUp))
    }

    /// Evenly chosen points, the first and the last among them.
    private static func thinned(_ points: [Point], to count: Int) -> [Point] {
        guard points.count > count else { return points }
        return (0..<count).map { points[$0 * (points.count - 1) / (count - 1)] }
    }
}
