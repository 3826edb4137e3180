// SPDX-License-Identifier: Apache-2.0

import Accounting
import Billing
import Digests
import HTTPTypes
import Hummingbird
import Quantities
import Storage

/// The operator's console: who charges now, what money moved today, what needs a person.
struct OperatorPages: Sendable {
    let desk: Desk
    private static let cookie = "amptill_operator"

    func mount(on router: Router<some RequestContext>) {
        router.get("/operator") { request, _ in try await overview(request) }
        router.post("/operator/login") { request, _ in try await login(try await FormFields(request)) }
        router.post("/operator/sessions/{id}/stop") { request, context in
            guard try await organisation(of: request) != nil,
                let id = SessionID(try context.parameters.require("id"))
            else { return Response.see("/operator") }
            _ = try await RequestRemoteStop(desk: desk)(id)
            return Response.see("/operator")
        }
    }

    // MARK: who looks

    /// The cookie names the key's row and is signed, so that the key itself never rests in a browser.
    private func login(_ form: FormFields) async throws -> Response {
        let key = (form["key"] ?? "").filter { !$0.isWhitespace }
        let row = try await desk.store.read { tx in try tx.apiKey(hash: APIKey.hash(key)) }
        guard let row, row.scope == .operator else {
            return HTMLPage(title: "Operator console", body: Template.login.render(["wrong": true]))
                .response(.unauthorized)
        }
        let value = "\(row.id).\(try await signature(of: row.id.text))"
        var response = Response.see("/operator")
        response.headers[.setCookie] =
            "\(Self.cookie)=\(value); Path=/operator; HttpOnly; SameSite=Strict; Max-Age=43200"
        return response
    }

    private func organisation(of request: Request) async throws -> OrganisationID? {
        let cookies = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        for cookie in cookies {
            let text = cookie.trimmingPrefix { $0 == " " }
            guard text.hasPrefix(Self.cookie + "=") else { continue }
            let parts = text.dropFirst(Self.cookie.count + 1).split(separator: ".", maxSplits: 1).map(
                String.init)
            guard parts.count == 2, let id = APIKeyID(parts[0]) else { continue }
            guard constantTimeEquals(Array(try await signature(of: id.text).utf8), Array(parts[1].utf8))
            else { continue }
            let key = try await desk.store.read { tx in try tx.find(APIKeyRecord.self, id) }
            if let key, key.revokedAt == nil, key.scope == .operator { return key.organisation }
        }
        return nil
    }

    private func signature(of text: String) async throws -> String {
        let secret = try await Keys(desk: desk).consoleSecret()
        return HMACDigest.hex(of: Array(text.utf8), key: Array(secret.utf8))
    }

    // MARK: the overview

    private func overview(_ request: Request) async throws -> Response {
        guard let organisation = try await organisation(of: request) else {
            return HTMLPage(title: "Operator console", body: Template.login.render([:])).response()
        }
        let now = desk.clock.now
        let rows = try await desk.store.read { tx in try OverviewRows(of: organisation, in: tx) }
        let shown = try desk.shown(in: rows.organisation?.timeZone ?? "UTC")
        let page = OverviewPage(rows: rows, shown: shown, now: now, publicURL: desk.settings.publicURL)
        return page.page.response()
    }
}
