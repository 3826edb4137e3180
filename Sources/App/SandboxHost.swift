// SPDX-License-Identifier: Apache-2.0

import Billing
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Payments
import Quantities
import Simulation
import Storage

/// Mounts the Sandbox on our own server, and carries requests to it and its webhooks back, as a network would.
///
/// Its books are its own: every request is a transaction of its own, and a webhook is a parcel that is delivered at
/// least once through the same door as any gateway's.
struct SandboxHost: Sendable, GatewaySender, Courier {
    private let desk: Desk
    private let crash: CrashPoint
    private let sandbox: Sandbox
    private let receive: ReceiveWebhook

    init(desk: Desk, crash: CrashPoint) async throws {
        self.desk = desk
        self.crash = crash
        let account = try await desk.store.read { tx in
            try tx.organisations().compactMap { try tx.gatewayAccount(of: $0.id) }.first {
                $0.kind == "sandbox"
            }
        }
        sandbox = Sandbox(
            baseURL: desk.settings.publicURL, secret: account?.secret ?? "",
            webhookSecret: account?.webhookSecret ?? "")
        receive = ReceiveWebhook(desk: desk)
    }

    /// A request of our own payment courier.
    func send(_ request: GatewayRequest) async -> SentAnswer {
        let path = String(request.url.dropFirst(desk.settings.publicURL.count))
        do {
            let response = try await respond(
                Sandbox.Request(
                    method: request.method, path: path, headers: request.headers, body: request.body))
            return response.isLost
                ? .lost : .answered(GatewayAnswer(status: response.status, body: response.body))
        } catch {
            desk.log.warning("the Sandbox did not answer", metadata: ["error": "\(error)"])
            return .lost
        }
    }

    func crashPoint(_ moment: String) async { crash.reached(moment) }

    private func respond(_ request: Sandbox.Request) async throws -> Sandbox.Response {
        let now = desk.clock.now
        return try await desk.store.transaction { tx in
            let (response, webhooks) = try sandbox.respond(
                to: request, at: now, books: StoredSandboxBooks(tx))
            for webhook in webhooks { try enqueue(webhook, in: tx, at: now) }
            return response
        }
    }

    private func enqueue(_ webhook: Sandbox.Webhook, in tx: Tx, at now: Instant) throws {
        let id: ParcelID = desk.ids.new(at: now)
        let signature = webhook.headers[SandboxGateway.signatureHeader] ?? ""
        let body = "\(webhook.account)\n\(signature)\n" + String(decoding: webhook.body, as: UTF8.self)
        try tx.insert(
            ParcelRecord(
                id: id, stream: "sandbox:\(id)", destination: destination, kind: "webhook", body: body,
                dueAt: now,
                createdAt: now))
        tx.ring(.outbox)
    }

    // MARK: webhooks, as a courier

    var destination: String { "sandbox" }

    func deliver(_ parcel: ParcelRecord) async throws -> Delivered {
        let parts = parcel.body.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return .withdrawn }
        let headers = [SandboxGateway.signatureHeader: String(parts[1]), "content-type": "application/json"]
        _ = try await receive(account: String(parts[0]), headers: headers, body: Array(parts[2].utf8))
        return .done
    }

    // MARK: the driver's browser and foreign clients

    /// Everything under `/sandbox/`.
    func mount(on router: Router<some RequestContext>) {
        for method: HTTPRequest.Method in [.get, .post] {
            router.on("/sandbox/**", method: method) { request, _ in
                let body = try await request.body.collect(upTo: 1 << 20)
                var headers: [String: String] = [:]
                for field in request.headers { headers[field.name.canonicalName] = field.value }
                let response = try await respond(
                    Sandbox.Request(
                        method: method.rawValue, path: request.uri.path, headers: headers,
                        body: Array(buffer: body)))
                return Response(response)
            }
        }
    }
}

extension Response {
    fileprivate init(_ response: Sandbox.Response) {
        var headers = HTTPFields()
        for (name, value) in response.headers {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        self.init(
            status: .init(code: response.isLost ? 504 : response.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
    }
}
