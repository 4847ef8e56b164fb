import Product

/// `[hold]`: `until`, a time or the word "released" for a hold without an end, and `reason`.
enum HoldTOML {
  static let released = "released"

  static func parse(_ top: Section) throws(ProductTOMLError) -> SwitchGate.Hold? {
    guard let table = try top.section("hold", keys: ["until", "reason"]) else { return nil }
    let text = try table.required("until")
    let reason = try table.string("reason")
    if text == released { return SwitchGate.Hold(reason: reason) }
    let until = try table.checked("until") { () throws(ProductError) in try Timestamp(text) }
    return SwitchGate.Hold(until: until, reason: reason)
  }
}
