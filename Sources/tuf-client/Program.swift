import ArgumentParser
import Glibc
import Posix
import Proxies
import SystemPackage

/// Exit code 0 or 1 and nothing else, usage errors included.
@main enum Program {
  static func main() async {
    var command: TUFClient
    do { command = try TUFClient.parse() } catch {
      let isDone = TUFClient.exitCode(for: error).isSuccess
      say(TUFClient.fullMessage(for: error), isDone ? .standardOutput : .standardError)
      exit(isDone ? 0 : 1)
    }
    do { try await command.run() } catch {
      // May quote what a repository says.
      say(TUFClient.fullMessage(for: error).sanitized(limit: 2000), .standardError)
      exit(1)
    }
  }

  private static func say(_ text: String, _ output: FileDescriptor) {
    _ = try? output.writeAll(Array("\(text.withoutUserinfo())\n".utf8))
  }
}
