-- Health of sender-operator.io resources for Argo CD: SenderDomain, SenderAddress and SenderClaim.
--
-- Suspended if suspended; Degraded if a person has to act (Stalled); Healthy only if Ready for the newest
-- generation; Progressing while the resource waits for DNS, SES or the owner of a mailbox.
local health = { status = "Progressing", message = "Waiting for the operator" }

if obj.metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted"
  return health
end

if obj.kind == "SenderClaim" then
  health.message = obj.spec.state
  if obj.spec.state ~= "Releasing" then
    health.status = "Healthy"
  end
  return health
end

if obj.spec.suspend == true then
  health.status = "Suspended"
  health.message = "spec.suspend is true"
  return health
end

local status = obj.status
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return health
end

local ready = nil
for _, condition in ipairs(status.conditions) do
  if condition.type == "Stalled" and condition.status == "True" then
    health.status = "Degraded"
    health.message = condition.reason .. ": " .. condition.message
    return health
  end
  if condition.type == "Ready" then
    ready = condition
  end
end
if ready ~= nil then
  health.message = ready.reason .. ": " .. ready.message
  if ready.status == "True" then
    health.status = "Healthy"
  end
end
return health
