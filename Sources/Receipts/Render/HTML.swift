// SPDX-License-Identifier: Apache-2.0

import Mustache

/// A document as one HTML file that needs nothing else: it is read on a phone, printed, sent and kept.
package enum HTML {
    /// The template cannot be read, or the link is too long for a QR code.
    package enum Trouble: Error, Hashable {
        case template(version: Int)
        case linkTooLong
    }

    /// The page. Old templates stay, so that a document looks the same for as long as it is kept (receipts.md §3).
    ///
    /// - Parameter version: the receipt's `template`.
    package static func page(of document: Document, template version: Int) throws(Trouble) -> String {
        guard version == 1, let template = receipt1 else { throw .template(version: version) }
        var model = model(of: document)
        if let link = document.link {
            do throws(QRCode.TooLong) {
                let code = try QRCode(link)
                model["codeSide"] = code.viewBoxSide
                model["codePath"] = code.svgPath
            } catch {
                throw .linkTooLong
            }
        }
        return template.render(model)
    }

    /// Read once. A template that cannot be parsed is found by the first test, so the reason may be lost.
    private static let receipt1 = try? MustacheTemplate(
        string: String(decoding: PackageResources.receipt_mustache, as: UTF8.self))

    private static func model(of document: Document) -> [String: Any] {
        var model: [String: Any] = [
            "language": document.language, "title": document.title, "seller": document.seller,
            "sellerLines": document.sellerLines, "sections": document.sections.map(model),
            "what": document.columns[0], "quantity": document.columns[1], "unitPrice": document.columns[2],
            "amount": document.columns[3], "closing": document.closing.map(model),
            "linkLabel": document.linkLabel,
        ]
        model["rows"] = document.rows.map { row -> [String: Any] in
            [
                "what": row.what, "notes": row.notes, "quantity": row.quantity, "unitPrice": row.unitPrice,
                "amount": row.amount,
            ]
        }
        model["totals"] = document.totals.map { total -> [String: Any] in
            ["label": total.label, "amount": total.amount, "isGrand": total.isGrand]
        }
        model["help"] = document.help
        model["link"] = document.link
        return model
    }

    private static func model(_ section: Document.Section) -> [String: Any] {
        [
            "title": section.title,
            "fields": section.fields.map { ["label": $0.label, "value": $0.value] },
        ]
    }
}
