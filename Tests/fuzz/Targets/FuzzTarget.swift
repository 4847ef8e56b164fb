/// One parser under test: what it is fed, and what must hold of whatever it accepts.
struct FuzzTarget: Sendable {
  let name: String
  /// Longer inputs teach nothing new and cost time; bytes.
  let maximumLength: Int
  /// Canonical JSON of an accepted input, where another implementation is to make the same of it; else nil.
  let canonical: (@Sendable ([UInt8]) -> [UInt8]?)?
  /// Whether the parser accepted the bytes. A refusal is an answer; throws only a ``Finding``.
  let run: @Sendable ([UInt8]) throws(Finding) -> Bool

  init(
    _ name: String, maximumLength: Int = 16_384, canonical: (@Sendable ([UInt8]) -> [UInt8]?)? = nil,
    _ run: @escaping @Sendable ([UInt8]) throws(Finding) -> Bool
  ) {
    self.name = name
    self.maximumLength = maximumLength
    self.canonical = canonical
    self.run = run
  }

  static let all: [FuzzTarget] =
    metadata + containers + documents + device + texts + scripts + proxies + passages + identities
}

/// Something that must never be, whatever the input.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Throws a ``Finding`` unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Finding) {
  guard condition else { throw Finding(what()) }
}

/// The value of `body`, which an accepted input must have; an error is a ``Finding``.
func mustSucceed<Value>(_ what: String, _ body: () throws -> Value) throws(Finding) -> Value {
  do { return try body() } catch { throw Finding("\(what): \(error)") }
}
