// SPDX-License-Identifier: Apache-2.0

/// Every text of the pages by its name. `{…}` is filled; templates write the others as `{{w.name}}`.
package enum Word: String, CaseIterable, Hashable, Sendable {
    // Frame.
    case helpAt = "help_at"
    case testMode = "test_mode"
    case updated
    case offline
    case timesInZone = "times_in_zone"
    // Point.
    case pointTitle = "point_title"
    case chargeAt = "charge_at"
    case price
    case yourPrice = "your_price"
    case priceFixed = "price_fixed"
    case taxIncluded = "tax_included"
    case taxExcluded = "tax_excluded"
    case noSessionFee = "no_session_fee"
    case sessionFee = "session_fee"
    case idlePrice = "idle_price"
    case idlePriceAtOnce = "idle_price_at_once"
    case timePrice = "time_price"
    case atMost = "at_most"
    case example
    case exampleNote = "example_note"
    case reserve
    case notACharge = "not_a_charge"
    case continueToPayment = "continue_to_payment"
    case reserveAndCharge = "reserve_and_charge"
    case noAccount = "no_account"
    case setLimit = "set_limit"
    case limitLabel = "limit_label"
    case upTo = "up_to"
    case free
    case inUseSince = "in_use_since"
    case inUse = "in_use"
    case outOfOrder = "out_of_order"
    case outOfService = "out_of_service"
    case offlinePoint = "offline_point"
    case useOtherPoint = "use_other_point"
    case cannotCharge = "cannot_charge"
    case occupiedTitle = "occupied_title"
    case noPrice = "no_price"
    case callHelp = "call_help"
    case otherPoints = "other_points"
    case priceWasOld = "price_was_old"
    case priceHasChanged = "price_has_changed"
    case limitUnreadable = "limit_unreadable"
    case limitTooSmall = "limit_too_small"
    // Unknown point.
    case unknownPoint = "unknown_point"
    case unknownPointHint = "unknown_point_hint"
    case codeOnCharger = "code_on_charger"
    case findPoint = "find_point"
    case landingTitle = "landing_title"
    case landingLead = "landing_lead"
    case toConsole = "to_console"
    // Paying.
    case toPayTitle = "to_pay_title"
    case fundingTitle = "funding_title"
    case fundingText = "funding_text"
    case toPaymentPage = "to_payment_page"
    case declined
    case declineOtherCard = "decline_other_card"
    case declineLater = "decline_later"
    case declineConfirm = "decline_confirm"
    case declineBroken = "decline_broken"
    case abandoned
    case cancel
    case cancelAndRelease = "cancel_and_release"
    // Starting.
    case startingTitle = "starting_title"
    case stepReserved = "step_reserved"
    case stepAsked = "step_asked"
    case stepPlug = "step_plug"
    case stepCharging = "step_charging"
    case plugInNow = "plug_in_now"
    case notChargedYet = "not_charged_yet"
    case startCountdown = "start_countdown"
    case notStarted = "not_started"
    case notStartedText = "not_started_text"
    case tryAgainSeconds = "try_again_seconds"
    case tryAgain = "try_again"
    case releasedAt = "released_at"
    // Charging.
    case chargingTitle = "charging_title"
    case costSoFar = "cost_so_far"
    case dialLabel = "dial_label"
    case howCalculated = "how_calculated"
    case power
    case energy
    case time
    case priceNow = "price_now"
    case leftOfHold = "left_of_hold"
    case nextPrice = "next_price"
    case stopsAt = "stops_at"
    case stopsAtOrRaise = "stops_at_or_raise"
    case reservedAndStops = "reserved_and_stops"
    case chargerOffline = "charger_offline"
    case stopCharging = "stop_charging"
    case stopping
    case powerOverTime = "power_over_time"
    case mostPower = "most_power"
    case asTable = "as_table"
    // Idle.
    case idleTitle = "idle_title"
    case idleWarning = "idle_warning"
    case idleRunning = "idle_running"
    case idleUntil = "idle_until"
    case idleSince = "idle_since"
    case idleCap = "idle_cap"
    case pausedByCharger = "paused_by_charger"
    // After.
    case settlingTitle = "settling_title"
    case settlingText = "settling_text"
    case reviewTitle = "review_title"
    case reviewText = "review_text"
    case reviewTextOpen = "review_text_open"
    case finishedTitle = "finished_title"
    case paidReleased = "paid_released"
    case paidReleaseAsked = "paid_release_asked"
    case paidAll = "paid_all"
    case nothingCharged = "nothing_charged"
    case nothingChargedText = "nothing_charged_text"
    case releasedBank = "released_bank"
    case releasing
    case cancelledTitle = "cancelled_title"
    case nothingReserved = "nothing_reserved"
    case debtTitle = "debt_title"
    case debtText = "debt_text"
    case total
    case reserved
    case charged
    case released
    case receipt
    case backToPoint = "back_to_point"
    case backToSession = "back_to_session"
    // Breakdown.
    case breakdown
    case lineEnergy = "line_energy"
    case lineTime = "line_time"
    case lineIdle = "line_idle"
    case lineSession = "line_session"
    case lineReservation = "line_reservation"
    case lineMinPrice = "line_min_price"
    case lineMaxPrice = "line_max_price"
    case lineComponentCap = "line_component_cap"
    case lineComponentFloor = "line_component_floor"
    case lineDiscount = "line_discount"
    case lineRoaming = "line_roaming"
    case taxWithin = "tax_within"
    case taxOnTop = "tax_on_top"
    case explainedLead = "explained_lead"
    case roundingNamed = "rounding_named"
    case priceProof = "price_proof"
    case notPriced = "not_priced"
    // Errors.
    case notFoundTitle = "not_found_title"
    case notFoundText = "not_found_text"
    case stationOfflineTitle = "station_offline_title"
    case stationOfflineText = "station_offline_text"
    case noGatewayTitle = "no_gateway_title"
    case noGatewayText = "no_gateway_text"
    case tooOftenTitle = "too_often_title"
    case tooOftenText = "too_often_text"
    case failedTitle = "failed_title"
    case failedText = "failed_text"
    case requestNamed = "request_named"
    case noReceiptTitle = "no_receipt_title"
    case noReceiptText = "no_receipt_text"
    case receiptNumber = "receipt_number"
    case receiptIssued = "receipt_issued"
    case vatNumber = "vat_number"
    case whatAndWhy = "what_and_why"
    case net
    case pricesIncludeTax = "prices_include_tax"
    case taxOf = "tax_of"
    case taxUnnamed = "tax_unnamed"
    case fromTo = "from_to"
    case meterFromTo = "meter_from_to"
    case paidWith = "paid_with"
    case sessionNamed = "session_named"
    case back
    case problemName = "problem_name"
    case problemCode = "problem_code"
    case problemStatus = "problem_status"
    case problemRetry = "problem_retry"
    case problemRetryYes = "problem_retry_yes"
    case problemRetryNo = "problem_retry_no"
    // Console.
    case console
    case signInLead = "sign_in_lead"
    case operatorKey = "operator_key"
    case openConsole = "open_console"
    case wrongKey = "wrong_key"
    case lostKey = "lost_key"
    case signOut = "sign_out"
    case foreignFormTitle = "foreign_form_title"
    case foreignFormText = "foreign_form_text"
    case overview
    case sessions
    case stations
    case payments
    case ledger
    case work
    case moneyToday = "money_today"
    case owedToday = "owed_today"
    case owedNote = "owed_note"
    case receivedToday = "received_today"
    case receivedNote = "received_note"
    case heldNow = "held_now"
    case heldNote = "held_note"
    case workOpen = "work_open"
    case workNote = "work_note"
    case nothingToDo = "nothing_to_do"
    case liveSessions = "live_sessions"
    case nobodyCharges = "nobody_charges"
    case openAPoint = "open_a_point"
    case firstSteps = "first_steps"
    case stepTariff = "step_tariff"
    case stepSite = "step_site"
    case stepStation = "step_station"
    case stepConnect = "step_connect"
    case stepFirstSession = "step_first_session"
    case stepFirstSessionHow = "step_first_session_how"
    case filter
    case search
    case fromDay = "from_day"
    case toDay = "to_day"
    case older
    case `open`
    case columnPoint = "column_point"
    case columnSince = "column_since"
    case columnPayer = "column_payer"
    case columnStarted = "column_started"
    case columnState = "column_state"
    case columnTotal = "column_total"
    case columnStation = "column_station"
    case columnSeen = "column_seen"
    case columnPoints = "column_points"
    case columnPayment = "column_payment"
    case columnReserved = "column_reserved"
    case columnCaptured = "column_captured"
    case columnReleased = "column_released"
    case columnGateway = "column_gateway"
    case columnWhen = "column_when"
    case columnWhy = "column_why"
    case columnAbout = "column_about"
    case columnAtStake = "column_at_stake"
    case columnDuration = "column_duration"
    case columnAction = "column_action"
    case columnAnswer = "column_answer"
    case note
    case decisionDone = "decision_done"
    case decisionNothing = "decision_nothing"
    case stop
    case guest
    case nobody
    case online
    case never
    case noStations = "no_stations"
    case noSessions = "no_sessions"
    case noPayments = "no_payments"
    case noTransactions = "no_transactions"
    case noPoints = "no_points"
    case points
    case messages
    case searchMessages = "search_messages"
    case noMessages = "no_messages"
    case fromStation = "from_station"
    case toStation = "to_station"
    case answer
    case openSession = "open_session"
    case serialNumber = "serial_number"
    case firmware
    case bootedAt = "booted_at"
    case meterInterval = "meter_interval"
    case securityProfile = "security_profile"
    case scanToCharge = "scan_to_charge"
    case printHint = "print_hint"
    case stopSession = "stop_session"
    case stopSessionNote = "stop_session_note"
    case timeline
    case nothingHappened = "nothing_happened"
    case decisionPrice = "decision_price"
    case decisionRated = "decision_rated"
    case stateCharging = "state_charging"
    case stateByVehicle = "state_by_vehicle"
    case stateByStation = "state_by_station"
    case stateConnected = "state_connected"
    case stateIdle = "state_idle"
    case nextLookUp = "next_look_up"
    case nextFinal = "next_final"
    case nextReview = "next_review"
    case nextDebt = "next_debt"
    case asSent = "as_sent"
    case sourceCharger = "source_charger"
    case sourceReading = "source_reading"
    case sourceDecision = "source_decision"
    case sourcePayment = "source_payment"
    case sourceLedger = "source_ledger"
    case sourceDocument = "source_document"
    case trialBalance = "trial_balance"
    case transactions
    case account
    case debit
    case credit
    case posted
    case pending
    case sumIs = "sum_is"
    case sumProof = "sum_proof"
    case sumBroken = "sum_broken"
    case ledgerSum = "ledger_sum"
    case all
}
