// SPDX-License-Identifier: Apache-2.0

import Quantities

extension VisitScreen {
    /// The page; it becomes live by its stream and refreshes itself without the script.
    package func html(_ shown: Shown) -> String {
        let (headline, text) = headline(shown)
        var gaps = parts(shown)
        gaps["w"] = shown.words.all
        gaps["site"] = place.site
        gaps["code"] = place.code
        gaps["headline"] = headline
        gaps["text"] = text
        gaps["form"] = formToken
        let address = SiteURL.visit(secret: secret)
        let head = PageHead(
            title: "\(headline) · \(place.site)", address: address,
            live: state.isOver ? nil : (.visitEvents(secret: secret), event(shown)))
        return place.frame.page(head, Template.visit.render(gaps.values), shown)
    }

    private func action(_ action: SiteURL.VisitAction) -> String {
        SiteURL.visitAction(secret: secret, action).path
    }

    // MARK: what it says

    /// Headline and sentence per state: the words reserved, charged and released are never mixed.
    private func headline(_ shown: Shown) -> (String, String) {
        let words = shown.words
        switch state {
        case .quoted(let quoted): return (words(.toPayTitle, ["hold": shown.money(quoted.hold)]), "")
        case .funding: return (words(.fundingTitle), words(.fundingText))
        case .starting(let starting):
            let title = starting.isPluggedIn ? Word.startingTitle : .plugInNow
            return (words(title), words(.notChargedYet, ["hold": shown.money(starting.hold)]))
        case .startFailed(let hold, let retryUntil):
            // Once it is too late to try again the release is on its way (payments.md §6.4).
            let isOver = retryUntil.map { $0 <= now } ?? false
            let text =
                isOver
                ? "\(release(of: hold, at: nil, shown)) \(words(.nothingCharged))"
                : words(.notStartedText, ["hold": shown.money(hold)])
            return (words(.notStarted), text)
        case .charging: return (words(.chargingTitle), "")
        case .idle: return (words(.idleTitle), "")
        case .paused: return (words(.chargingTitle), words(.pausedByCharger))
        case .settling: return (words(.settlingTitle), words(.settlingText))
        case .inReview(let hold, let until):
            guard let until else {
                return (words(.reviewTitle), words(.reviewTextOpen, ["hold": shown.money(hold)]))
            }
            let values: KeyValuePairs = ["hold": shown.money(hold), "time": shown.dateAndClock(until)]
            return (words(.reviewTitle), words(.reviewText, values))
        case .finished: return (words(.finishedTitle), "")
        case .nothingCharged(let hold, let releasedAt):
            let text = "\(words(.nothingChargedText)) \(release(of: hold, at: releasedAt, shown))"
            return (words(.nothingCharged), text)
        case .cancelled(let hold, let releasedAt):
            return (words(.cancelledTitle), givenUp(hold, releasedAt, shown))
        case .neverStarted(let hold, let releasedAt):
            return (words(.notStarted), givenUp(hold, releasedAt, shown))
        case .inDebt(let amount):
            return (words(.debtTitle, ["amount": shown.money(amount)]), words(.debtText))
        }
    }

    private func givenUp(_ hold: Money?, _ releasedAt: Instant?, _ shown: Shown) -> String {
        let text = hold.map { "\(release(of: $0, at: releasedAt, shown)) \(shown.words(.nothingCharged))" }
        return text ?? shown.words(.nothingReserved)
    }

    private func release(of hold: Money, at instant: Instant?, _ shown: Shown) -> String {
        guard let instant else { return shown.words(.releasing, ["amount": shown.money(hold)]) }
        return shown.words(
            .releasedBank, ["amount": shown.money(hold), "time": shown.clock(instant)])
    }

    // MARK: what it holds

    private func parts(_ shown: Shown) -> Gaps {
        let words = shown.words
        switch state {
        case .quoted(let quoted): return pay(quoted, shown)
        case .funding(let gateway):
            return [
                "gateway": gateway, "cancel": true, "cancelURL": action(.cancel),
                "cancelButton": words(.cancel),
            ]
        case .starting(let starting): return steps(starting, shown)
        case .startFailed(let hold, let retryUntil): return retry(hold, until: retryUntil, shown)
        case .charging(let charging), .paused(let charging): return live(charging, shown)
        case .idle(let charging, let fee):
            var gaps = live(charging, shown)
            gaps["idle"] = idle(fee, shown)
            return gaps
        case .finished(let finished): return finish(finished, shown)
        case .nothingCharged, .cancelled, .neverStarted:
            return ["again": SiteURL.point(code: place.code).path]
        case .inDebt:
            return [
                "pay": true, "payURL": action(.pay), "quote": "debt",
                "payButton": words(.toPaymentPage),
            ]
        case .settling, .inReview: return [:]
        }
    }

    private func pay(_ quoted: Quoted, _ shown: Shown) -> Gaps {
        let words = shown.words
        let hold = shown.money(quoted.hold)
        let warning: String? =
            switch quoted.problem {
            case .declined(let reason): words(.declined, ["reason": reason])
            case .abandoned: words(.abandoned)
            case nil: nil
            }
        return [
            "warning": warning, "pricebox": quoted.prices?.gaps(shown), "pay": true,
            "payURL": action(.pay), "quote": quoted.quoteHash,
            "reserve": words(.reserve, ["hold": hold]),
            "payButton": words(.reserveAndCharge, ["hold": hold]),
            "cancel": true, "cancelURL": action(.cancel), "cancelButton": words(.cancel),
        ]
    }

    private func steps(_ starting: Starting, _ shown: Shown) -> Gaps {
        let words = shown.words
        let hold = shown.money(starting.hold)
        // How many steps are done: the reservation always is when this page is shown.
        let done = starting.isAsked ? (starting.isPluggedIn ? 3 : 2) : 1
        let names = [
            words(.stepReserved, ["hold": hold]), words(.stepAsked), words(.stepPlug), words(.stepCharging),
        ]
        let items = names.enumerated().map { index, name -> Gaps in
            [
                "name": name, "state": index < done ? "done" : index == done ? "now" : "todo",
                "current": index == done, "detail": false,
            ]
        }
        return [
            "steps": [
                "items": items,
                "countdown": starting.deadline.map { countdown(to: $0, words(.startCountdown), shown) },
            ] as Gaps,
            "cancel": true, "cancelURL": action(.cancel),
            "cancelButton": words(.cancelAndRelease, ["hold": hold]),
        ]
    }

    private func countdown(to instant: Instant, _ caption: String, _ shown: Shown) -> Gaps {
        let left = max(.zero, instant - now)
        return ["seconds": String(left.seconds), "clock": shown.countdown(left), "caption": caption]
    }

    private func retry(_ hold: Money, until: Instant?, _ shown: Shown) -> Gaps {
        let words = shown.words
        if let until, until <= now { return [:] }
        let seconds = until.map { max(0, ($0 - now).seconds) }
        return [
            "warning": seconds.map { words(.tryAgainSeconds, ["seconds": String($0)]) },
            "retry": true, "retryURL": action(.start), "retryButton": words(.tryAgain),
            "cancel": true, "cancelURL": action(.cancel),
            "cancelButton": words(.cancelAndRelease, ["hold": shown.money(hold)]),
        ]
    }

    private func live(_ charging: RunningSession, _ shown: Shown) -> Gaps {
        let words = shown.words
        var gaps: Gaps = ["w": words.all]
        for (name, text) in charging.texts(shown, now: now) { gaps[name] = text }
        gaps["used"] = String(charging.usedPerMille)
        gaps["dialLabel"] = words(
            .dialLabel, ["cost": shown.money(charging.cost), "hold": shown.money(charging.hold)])
        gaps["priceURL"] = SiteURL.visitPrice(secret: secret).path
        gaps["stopURL"] = action(.stop)
        gaps["stopping"] = charging.isStopping
        gaps["stopButton"] = words(charging.isStopping ? .stopping : .stopCharging)
        gaps["badge"] = words(.updated, ["age": String(max(0, (now - charging.valuesAt).seconds))])
        gaps["chart"] = charging.chart.gaps(shown)
        return ["charging": gaps, "warning": warning(charging, shown)]
    }

    /// One warning at a time: being offline explains more than being near the limit.
    private func warning(_ charging: RunningSession, _ shown: Shown) -> String? {
        if let since = charging.offlineSince {
            return shown.words(.chargerOffline, ["time": shown.clock(since)])
        }
        if let note = charging.stopNote { return note.text(shown) }
        guard charging.isNearLimit, let stopsAt = charging.stopsAt else { return nil }
        let word = charging.canRaiseLimit ? Word.stopsAtOrRaise : .stopsAt
        return shown.words(word, ["amount": shown.money(stopsAt)])
    }

    private func idle(_ fee: IdleFee, _ shown: Shown) -> Gaps {
        let words = shown.words
        let isRunning = fee.startsAt <= now
        let values: KeyValuePairs = ["time": shown.clock(fee.startsAt), "price": shown.unitPrice(fee.price)]
        return [
            "sentence": words(isRunning ? .idleRunning : .idleWarning, values),
            "seconds": isRunning ? false as Any : String((fee.startsAt - now).seconds),
            "clock": isRunning
                ? shown.duration(now - fee.startsAt) : shown.countdown(fee.startsAt - now),
            "caption": words(isRunning ? .idleSince : .idleUntil),
            "cap": fee.cap.map { words(.idleCap, ["amount": shown.money($0)]) },
        ]
    }

    private func finish(_ finished: Finished, _ shown: Shown) -> Gaps {
        let released = finished.reserved - finished.captured
        let section: Gaps = [
            "total": shown.money(finished.total), "paid": paidText(finished, released, shown),
            "taken": String(RunningSession.perMille(finished.captured, of: finished.reserved)),
            "reserved": shown.money(finished.reserved), "captured": shown.money(finished.captured),
            "released": shown.money(released), "energy": shown.energy(finished.energy),
            "duration": shown.duration(finished.endedAt - finished.startedAt),
            "fromTo": "\(shown.clock(finished.startedAt))–\(shown.clock(finished.endedAt))",
            "breakdown": finished.breakdown?.gaps(shown),
            "receipt": finished.hasReceipt ? SiteURL.receipt(secret: secret).path : nil,
            "priceURL": SiteURL.visitPrice(secret: secret).path,
        ]
        return ["finished": section, "warning": finished.stopNote?.text(shown)]
    }

    private func paidText(_ finished: Finished, _ released: Money, _ shown: Shown) -> String {
        let paid = shown.money(finished.captured)
        guard released.isPositive else { return shown.words(.paidAll, ["paid": paid]) }
        guard let releasedAt = finished.releasedAt else {
            return shown.words(.paidReleaseAsked, ["paid": paid, "released": shown.money(released)])
        }
        return shown.words(
            .paidReleased,
            ["paid": paid, "released": shown.money(released), "time": shown.clock(releasedAt)])
    }
}
