// SPDX-License-Identifier: Apache-2.0
import Billing
import Hummingbird
import JSONText
import Quantities
import Storage

/// The stream behind a guest's page: the same state as the page, in words that its script puts in place.
struct TrackStream: Sendable {
    let desk: Desk
    let hub: LiveHub

    func mount(on router: Router<WebContext>) {
        router.get("s/{secret}/events") { request, context in
            try await events(try context.parameters.require("secret"), request)
        }
    }

    private func events(_ secret: String, _ request: Request) async throws -> Response {
        let visit = try await desk.store.read { tx in try Visit(secret: secret, in: tx) }
        guard let visit else { throw Problem.notFound("page") }
        let stream = SessionStream(hub: hub, event: "session", ids: visit.watches) { [desk] in
            guard let visit = try await desk.store.read({ tx in try Visit(secret: secret, in: tx) }) else {
                return nil
            }
            return SessionStream.Frame(
                version: visit.version, json: try Self.json(of: visit, with: desk), isLast: visit.isOver,
                watches: visit.watches)
        }
        return stream.reply(to: request).response
    }

    /// Numbers as they are shown, and the state: when it changes, the page is loaded again.
    private static func json(of visit: Visit, with desk: Desk) throws -> JSON {
        let numbers = LiveNumbers(
            visit, shown: try desk.shown(in: visit.place.site.timeZone), now: desk.clock.now)
        let rendered = numbers.rendered.sorted { $0.key < $1.key }.map {
            JSON.Member($0.key, .string($0.value))
        }
        return [
            "state": .string(visit.status), "rendered": .object(rendered),
            "used_percent": JSON(Int64(numbers.usedPercent)),
        ]
    }
}
