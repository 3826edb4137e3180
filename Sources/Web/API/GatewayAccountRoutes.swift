// SPDX-License-Identifier: Apache-2.0
import Billing
import JSONText
import Quantities
import Storage

/// The accounts at payment gateways (api.md §3.2). Secrets are taken and never shown.
enum GatewayAccountRoutes {
    static let all: [Route] = [
        .get(
            "/v1/gateway_accounts", .operators, "Accounts at payment gateways, without their secrets.",
            query: Query.Parameter.page("gwa"), answers: [.page(of: .gatewayAccount)],
            problems: [.invalidCursor],
            { call in
                try await call.page(
                    of: GatewayAccountRecord.self, try Page(call, prefix: "gwa"), id: { $0.id.text },
                    shown: { $0.json(call) })
            }),
        .post(
            "/v1/gateway_accounts", .operators, "Add an account at a payment gateway.",
            request: .gatewayAccountWish, answers: [.created(.gatewayAccount)],
            problems: [.testOnly, .liveOnly],
            { call in
                var plan = plan(call.body)
                plan.kind = call.body.text("kind")
                plan.name = call.body.text("name")
                let row = try await GatewayAccounts(desk: call.desk).create(plan, by: try call.author)
                return .created(row.json(call), at: "/v1/gateway_accounts/\(row.id)")
            }),
        .patch(
            "/v1/gateway_accounts/{id}", .operators,
            "Change an account. A new webhook secret is believed beside the former one until that is forgotten.",
            request: .gatewayAccountChange, answers: [.ok(.gatewayAccount)],
            problems: [.testOnly, .liveOnly],
            { call in
                var plan = plan(call.body)
                plan.forgetsFormerSecret = call.body.flag("forget_former_webhook_secret") ?? false
                let row = try await GatewayAccounts(desk: call.desk).change(
                    try call.id(of: "gateway account"), plan, version: try call.expectedVersion,
                    by: try call.author)
                return .ok(row.json(call))
            }),
        .post(
            "/v1/gateway_accounts/{id}/check", .operators,
            "Ask the gateway whether it answers and knows the account.", answers: [.ok(.gatewayAccount)],
            problems: [.gatewayUnavailable],
            { call in
                guard let sender = call.clerk.sender else {
                    throw Problem(.gatewayUnavailable, "This server has no line to gateways.")
                }
                let row = try await GatewayAccounts(desk: call.desk).check(
                    try call.id(of: "gateway account"), through: sender, by: try call.author)
                return .ok(row.json(call))
            }),
    ]

    private static func plan(_ body: Body) -> GatewayAccounts.Plan {
        var plan = GatewayAccounts.Plan()
        plan.secret = body.text("secret")
        plan.webhookSecret = body.text("webhook_secret")
        plan.baseURL = body.text("api_base")
        plan.connectedAccount = body.text("connected_account")
        plan.isPreferred = body.flag("preferred")
        return plan
    }
}

extension ObjectShape {
    private static let changeable: [Field] = [
        .may("secret", .shortText, "The API key. Taken, never shown."),
        .may("webhook_secret", .shortText, "What webhooks are signed with. Taken, never shown."),
        .may("api_base", .text(.plain, max: 200), "Empty: the gateway's usual address."),
        .may(
            "connected_account", .text(.plain, max: 100),
            "Stripe's connected account, Adyen's merchant account."),
        .may("preferred", .flag, "New payments are made here."),
    ]

    /// A new account at a gateway.
    static let gatewayAccountWish = ObjectShape(
        "NewGatewayAccount",
        [
            .must("kind", .word(["sandbox", "stripe", "adyen"])),
            .must(
                "name", .text(.plain, max: 40), "Letters, digits, hyphens; part of the ledger account's name."
            ),
        ] + changeable)

    /// What may be changed of it.
    static let gatewayAccountChange = ObjectShape(
        "GatewayAccountChange",
        changeable + [
            .may("forget_former_webhook_secret", .flag, "Webhooks signed with the former secret are refused.")
        ])

    /// An account at a gateway.
    static let gatewayAccount = ObjectShape(
        "GatewayAccount",
        [
            .must("id", .id("gwa")), .must("kind", .shortText), .must("name", .shortText),
            .may("api_base", .shortText), .may("connected_account", .shortText),
            .must("preferred", .flag),
            .must("webhook_url", .shortText, "Where the gateway sends its webhooks."),
            .must("has_former_webhook_secret", .flag),
            .must("is_resting", .flag, "It did not answer and is left alone for half a minute."),
            .may("checked_at", .instant),
            .may("check", .word(["ok", "unreachable", "no_answer", "refused", "nothing_to_ask"])),
            .must("created_at", .instant), .must("version", .count),
        ])
}

extension GatewayAccountRecord {
    /// As the API shows it; never its secrets.
    func json(_ call: Call) -> JSON {
        [
            "id": .id(id), "kind": .string(kind), "name": .string(name),
            "api_base": .text(baseUrl.isEmpty ? nil : baseUrl), "connected_account": .text(connectedAccount),
            "preferred": .bool(preferredAt != nil),
            "webhook_url": .string("\(call.desk.settings.publicURL)/v1/hooks/\(id)"),
            "has_former_webhook_secret": .bool(formerWebhookSecret != nil),
            "is_resting": .bool(call.desk.breakers.isOpen(id, at: call.desk.clock.now) != nil),
            "checked_at": .time(checkedAt), "check": .text(checkResult), "created_at": .time(createdAt),
            "version": JSON(version),
        ]
    }
}
