import FoundationEssentials
import Glibc
import Installation
import Posix
import Product
import Proxies
import SystemPackage

/// Standard output is for machines and answers, standard error for people.
public enum Output {
  public static func document(_ value: some Encodable) throws {
    try FileDescriptor.standardOutput.writeFully(try JSON.encode(value), path: "standard output")
  }

  /// An answer that cannot be written ends the program: nobody shall take silence for one.
  public static func line(_ text: String) {
    do {
      try FileDescriptor.standardOutput.writeFully(Array((sanitized(text) + "\n").utf8), path: "standard output")
    } catch {
      fail(Failure(known: error) ?? Failure(unknown: error))
    }
  }

  public static func tell(_ text: String) { show(sanitized(text) + "\n") }

  /// What and where, then what to do.
  public static func tell(_ failure: Failure) {
    tell("ERROR: \(failure.message.sanitized(limit: sentence))")
    if let remedy = failure.remedy { tell(remedy.sanitized(limit: sentence)) }
  }

  /// Characters that one of our own sentences may have; those of others that it quotes are in it.
  public static let sentence = 2000

  /// Each line for itself, however long.
  private static func sanitized(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).sanitized(limit: .max) }
      .joined(separator: "\n")
  }

  /// As it is, without a newline.
  public static func show(_ text: String) {
    try? FileDescriptor.standardError.writeFully(Array(text.utf8), path: "standard error")
  }

  private struct ErrorDocument: Encodable {
    let schema = "slipway.error/1"
    let code: Int32
    let error: String
    let message: String
    let remedy: String?
    let log: String?
  }

  /// Asks on the terminal; anything but yes is no.
  public static func ask(_ question: String) -> Bool {
    try? FileDescriptor.standardError.writeFully(Array("\(question) [y/N] ".utf8), path: "standard error")
    guard let answer = readLine() else { return false }
    return ["y", "yes"].contains(answer.lowercased())
  }

  /// One clear error: what and where, then what to do, and where the log is. With --json also a document.
  public static func fail(_ failure: Failure, log: String? = nil) -> Never {
    documentIfWanted(failure, log: log)
    tell(failure)
    if let log { tell("The install log is \(log)") }
    exit(failure.code.rawValue)
  }

  /// The same for what was typed wrongly.
  ///
  /// - Parameters:
  ///   - message: what is wrong.
  ///   - help: lines that say how it is to be typed.
  public static func fail(usage message: String, help: String) -> Never {
    let lines = { (text: String) in
      text.withoutUserinfo().split(separator: "\n").map { String($0.drop { $0 == " " }) }
    }
    // What was typed may have newlines; it stands in one line all the same.
    let failure = Failure(
      .usage, name: "usage", lines(message).joined(separator: " "), remedy: lines(help).joined(separator: " "))
    documentIfWanted(failure, log: nil)
    tell("ERROR: \(failure.message.sanitized(limit: sentence))")
    lines(help).forEach(tell)
    exit(failure.code.rawValue)
  }

  private static func documentIfWanted(_ failure: Failure, log: String?) {
    guard CommandLine.arguments.contains("--json") else { return }
    try? document(
      ErrorDocument(
        code: failure.code.rawValue, error: failure.name, message: failure.message, remedy: failure.remedy, log: log))
  }
}
