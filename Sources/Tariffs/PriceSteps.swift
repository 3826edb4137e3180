// SPDX-License-Identifier: Apache-2.0

import Quantities

/// What schedules and indexes say over the span of one session, for each component with a source.
struct PriceSteps {
    /// A price and the instant from which it holds, in nanoseconds; the first holds before, too.
    struct Step {
        let from: Int64
        /// Nil where the source is silent: the component's own price applies.
        let price: Int64?
    }

    private var steps: [Int: [Step]] = [:]

    /// Resolves the sources of a plan. A price beyond what a tariff may have is refused.
    ///
    /// - Parameter isFrozen: the price at the start of the timeline holds for all of it.
    init(_ plan: RatingPlan, _ context: RatingContext, over timeline: Timeline, isFrozen: Bool)
        throws(RatingError)
    {
        guard !plan.sourced.isEmpty else { return }
        let start = timeline.start
        let end = isFrozen ? start : timeline.end
        let first = isFrozen ? start : min(start, Instant(nanoseconds: timeline.spans[0].start))
        var count = 0
        for number in plan.sourced {
            guard let source = plan.terms[number].source else { continue }
            let found = try Self.steps(source, context, first...max(first, end))
            count += found.count
            guard count <= TariffLimits.priceSteps else {
                throw RatingError(
                    .limitExceeded, at: "/elements",
                    "More than \(TariffLimits.priceSteps) prices of schedules and indexes in one session.")
            }
            steps[number] = found
        }
    }

    private static func steps(
        _ source: PriceSource, _ context: RatingContext, _ span: ClosedRange<Instant>
    ) throws(RatingError) -> [Step] {
        let values = source.values(in: context)
        // The last value at or before the start, then all up to the end.
        let first = max(0, values.count(before: span.lowerBound) - 1)
        var steps: [Step] = []
        if values.first.map({ $0.from > span.lowerBound }) ?? true {
            steps.append(Step(from: span.lowerBound.nanoseconds, price: nil))
        }
        for value in values[first...] {
            guard value.from <= span.upperBound else { break }
            steps.append(Step(from: value.from.nanoseconds, price: try source.price(at: value)))
        }
        return steps
    }

    /// The price of a component at an instant; nil where its source is silent.
    func price(of component: Int, at instant: Int64) -> Int64? {
        guard let steps = steps[component] else { return nil }
        var low = 0
        var high = steps.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if steps[middle].from <= instant { low = middle } else { high = middle - 1 }
        }
        return steps.isEmpty ? nil : steps[low].price
    }

    /// All instants at which some price changes, in any order.
    var instants: [Int64] { steps.values.flatMap { $0.map(\.from) } }
}

extension PriceSource {
    /// The prices of a schedule, or the values of the index that the context knows.
    fileprivate func values(in context: RatingContext) -> [TimedPrice] {
        switch self {
        case .schedule(let prices): prices
        case .index(let source): context.indexes[source.index] ?? []
        }
    }

    fileprivate func price(at value: TimedPrice) throws(RatingError) -> Int64 {
        guard case .index(let source) = self else { return value.price.billionths }
        guard let price = source.price(at: value.price) else {
            throw RatingError(
                .limitExceeded, at: "/context/indexes/\(source.index)",
                "A price made from the index is out of range.")
        }
        return price.billionths
    }

    /// All instants at which it changes, in nanoseconds.
    func instants(in context: RatingContext) -> [Int64] { values(in: context).map(\.from.nanoseconds) }

    /// The price at an instant, for the price box; nil where the source is silent or out of range.
    func price(at instant: Instant, in context: RatingContext) -> Int64? {
        let values = values(in: context)
        let count = values.count(before: instant)
        guard count > 0 else { return nil }
        // A price that cannot be made is not shown; rating refuses it.
        return try? price(at: values[count - 1])
    }
}

extension [TimedPrice] {
    /// How many begin at or before an instant.
    fileprivate func count(before instant: Instant) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].from <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
