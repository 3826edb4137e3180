// SPDX-License-Identifier: Apache-2.0
import Hummingbird

/// Every route of the API, once: what is registered here is what `/openapi.json` describes.
package struct RouteTable: Sendable {
    /// In the order of the documentation.
    package let routes: [Route]

    /// All of them.
    package static let all = RouteTable(
        routes: OrganisationRoutes.all + SiteRoutes.all + StationRoutes.all + StationCommandRoutes.all
            + EVSERoutes.all
            + TariffRoutes.all
            + AccountRoutes.all + WalletRoutes.all + FundingRoutes.all + InvoiceRoutes.all + DriverRoutes.all
            + AccountStartRoutes.all
            + CheckoutRoutes.all
            + SessionRoutes.all
            + PaymentRoutes.all + NewPaymentRoutes.all + RefundRoutes.all
            + GatewayAccountRoutes.all + LedgerRoutes.all + ReceiptRoutes.all + MailRoutes.all
            + WorkItemRoutes.all
            + EventRoutes.all + OfficeRoutes.all + WebhookRoutes.all + HealthRoutes.all + TestRoutes.all)

    /// Registers every handler.
    func register(on router: Router<WebContext>, clerk: Clerk) {
        for route in routes {
            let path = RouterPath(
                route.path.split(separator: "/").map { step in
                    step.hasPrefix("{") ? ":" + step.dropFirst().dropLast() : String(step)
                }.joined(separator: "/"))
            router.on(path, method: route.method) { request, context in
                await clerk.answer(route, request, context)
            }
        }
    }
}
