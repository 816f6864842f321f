echo head
