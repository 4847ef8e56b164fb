import ArgumentParser
import Glibc
import SystemPackage

/// Exit code 0 or 1 and nothing else, usage errors included.
@main enum Program {
  static func main() async {
    do {
      var command = try TUFClient.parse()
      try await command.run()
    } catch {
      let isDone = TUFClient.exitCode(for: error).isSuccess
      let text = TUFClient.fullMessage(for: error)
      let output = isDone ? FileDescriptor.standardOutput : .standardError
      if !text.isEmpty { _ = try? output.writeAll(Array("\(text)\n".utf8)) }
      exit(isDone ? 0 : 1)
    }
  }
}
