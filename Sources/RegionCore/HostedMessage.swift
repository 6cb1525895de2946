import Geography
import Replication

/// A member's message between the machine that made it and the one that takes it in, of whatever
/// strategy: one reference, however large the message is.
///
/// Hosts pass it on and never look inside; in virtual time a message goes through many hands and
/// would otherwise be copied by each. What a host needs of it was read once.
package class HostedMessage {
    /// How many bytes the encoding of ``content`` has.
    package let encodedSize: Int
    /// What the network model takes it for.
    package let kind: MessageKind
    /// Whether it only shows that its sender lives.
    package let isKeepAlive: Bool

    fileprivate init(encodedSize: Int, kind: MessageKind, isKeepAlive: Bool) {
        self.encodedSize = encodedSize
        self.kind = kind
        self.isKeepAlive = isKeepAlive
    }

    /// The message itself.
    package var content: any ReplicaMessage {
        preconditionFailure("HostedMessage is abstract: use TypedMessage")
    }
}

/// A message of a strategy whose messages are of type `Message`.
final class TypedMessage<Message: ReplicaMessage>: HostedMessage {
    let message: Message

    init(_ message: Message) {
        self.message = message
        super.init(
            encodedSize: message.encodedSize, kind: message.kind,
            isKeepAlive: message.isKeepAlive)
    }

    override var content: any ReplicaMessage { message }
}
