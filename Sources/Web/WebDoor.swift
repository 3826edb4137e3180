// SPDX-License-Identifier: Apache-2.0
package import Billing
import HTTPTypes
package import Hummingbird
import JSONText
import Logging
import Quantities
import Storage

/// Door 3: the API, the pages, the live streams and the gateways' webhooks, as one router.
///
/// `App` serves `router()` and runs `run()` beside it.
package struct WebDoor: Sendable {
    private let desk: Desk
    private let clerk: Clerk
    /// Live hints for streams and long polls.
    package let hub: LiveHub

    /// A door for one node.
    package init(
        desk: Desk, limits: RateLimits = RateLimits(), heartbeat: Duration = .seconds(15),
        tests: (any TestControls)? = nil, sender: (any GatewaySender)? = nil
    ) {
        self.desk = desk
        hub = LiveHub(desk: desk, heartbeat: heartbeat)
        clerk = Clerk(
            desk: desk, hub: hub, credentials: Credentials(desk: desk),
            answers: IdempotentAnswers(desk: desk),
            limiter: RateLimiter(), limits: limits, tests: tests, sender: sender)
    }

    /// Passes hints to streams until its task is cancelled; then every stream ends.
    package func run() async { await hub.run() }

    /// All routes; `App` may add its own.
    package func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Explain(desk: desk))
        RouteTable.all.register(on: router, clerk: clerk)
        let document = OpenAPI(.all, server: desk.settings.publicURL).document.serialized(
            sortedKeys: false, pretty: true)
        router.get("openapi.json") { _, _ in Reply.bytes(document, type: "application/json").response }
        PagesDoor(clerk: clerk).mount(on: router)
        return router
    }
}

/// Gives every error that no handler explained the form of the door: a problem for programs, a sentence for people.
private struct Explain: RouterMiddleware {
    let desk: Desk

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = Answers.problem(error)
            let id = ID<Owners.Request>(
                at: desk.clock.now, random: UInt128(desk.ids.word()) << 64 | UInt128(desk.ids.word()))
            if problem.code.status >= 500 {
                desk.log.error(
                    "request failed",
                    metadata: ["request": "\(id)", "path": "\(request.uri.path)", "error": "\(error)"])
            }
            if request.headers[.accept]?.contains("text/html") == true {
                return PageRequest(request, desk).explain(problem, request: id.text)
            }
            var reply = problem.reply(instance: request.uri.path, request: id.text)
            Clerk.stamp(&reply, request, id)
            return reply.response
        }
    }
}
