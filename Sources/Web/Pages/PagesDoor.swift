// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import NIOCore
import Quantities
import Storage
import Tariffs

/// The pages for people: a driver's point, session and receipt, and the operator's console.
///
/// A handler loads rows, calls one verb and renders; no rule lives here. Every page works without JavaScript.
struct PagesDoor: Sendable {
    let clerk: Clerk

    private var desk: Desk { clerk.desk }

    /// Adds all pages to a router.
    func mount(on router: Router<WebContext>) {
        router.get(.landing) { request, _ in try await landing(PageRequest(request, desk)) }
        router.get(.asset) { request, context in
            Self.asset(context.parameters.get("name") ?? "", Query(request.uri.query))
        }
        router.get(.problem) { request, context in
            problem(context.parameters.get("code") ?? "", PageRequest(request, desk))
        }
        DriverDoor(clerk: clerk).mount(on: router)
        ConsoleDoor(clerk: clerk).mount(on: router)
    }

    /// The front door; an organisation for testing shows its points there.
    private func landing(_ request: PageRequest) async throws -> Response {
        let (frame, points) = try await desk.store.read { tx -> (PageFrame, [Place]) in
            let all = try tx.organisations()
            guard let first = all.first, all.count == 1 else {
                return (PageFrame(organisation: "Amptill"), [])
            }
            let frame = PageFrame(first)
            guard first.kind == .test else { return (frame, []) }
            let evses = try tx.stations(of: first.id, limit: 10).flatMap { try tx.evses(of: $0.id) }
            return (frame, try evses.prefix(10).map { try Place(of: $0, in: tx) })
        }
        let screen = LandingScreen(
            frame: frame,
            points: points.map { ($0.evse.evseCode, $0.site.name, PointState($0, inUseSince: nil)) })
        return request.page(screen.html(request.shownAnywhere))
    }

    /// What a problem of the API means, and what helps.
    private func problem(_ code: String, _ request: PageRequest) -> Response {
        guard let screen = ProblemScreen(code: code) else { return request.notice(.notFound, .notFound) }
        return request.page(screen.html(Shown(zone: .utc)))
    }

    /// A file of the pages. Its address changes with its content, so a browser may keep it for good.
    private static func asset(_ name: String, _ query: Query) -> Response {
        guard let asset = PageAsset(rawValue: name) else { return Response(status: .notFound) }
        let isExact = query["v"] == asset.version
        return Response(
            status: .ok,
            headers: [
                .contentType: asset.mediaType, .xContentTypeOptions: "nosniff",
                .cacheControl: isExact ? "public, max-age=31536000, immutable" : "no-cache",
            ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}

extension Router {
    /// A page at an address of the table of addresses.
    func get(
        _ pattern: SiteURL.Pattern,
        use handler: @Sendable @escaping (Request, Context) async throws -> Response
    ) {
        get(RouterPath(pattern.rawValue), use: handler)
    }

    /// A form that is sent to an address of the table of addresses.
    func post(
        _ pattern: SiteURL.Pattern,
        use handler: @Sendable @escaping (Request, Context) async throws -> Response
    ) {
        post(RouterPath(pattern.rawValue), use: handler)
    }
}

extension PageFrame {
    /// The frame of an organisation's pages at a site of it.
    init(_ organisation: OrganisationRecord, at site: SiteRecord? = nil) {
        self.init(
            organisation: organisation.name, isTest: organisation.kind == .test,
            supportPhone: site?.supportPhone ?? organisation.supportPhone)
    }
}
