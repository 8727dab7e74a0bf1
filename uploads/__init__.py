"""The product: links, signatures, arrivals. Knows no Slack and builds no AWS client."""
